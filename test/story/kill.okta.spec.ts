import { kills, sharesOfKills } from './kills.js';

kills('okta', sharesOfKills().okta);
