import { contractSuite } from './contract-suite.js';
import { googleProvider, GOOGLE_SCOPES_OF_THE_SUITE } from './google-world.js';

contractSuite('Google Workspace', googleProvider, GOOGLE_SCOPES_OF_THE_SUITE);
