import { histories } from './histories.js';

histories('google');
