import { histories } from './histories.js';

histories('okta');
