import { wireFaults } from './wire-faults.js';

wireFaults('okta', { of: 1, nth: 0 });
