import { wireFaults } from './wire-faults.js';

wireFaults('google', { of: 1, nth: 0 });
