import { kills, sharesOfKills } from './kills.js';

kills('google', sharesOfKills().google);
