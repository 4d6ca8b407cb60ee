import { livedFaults } from './lived-faults.js';

livedFaults('okta');
