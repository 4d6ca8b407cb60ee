import { contractSuite } from './contract-suite.js';
import { oktaProvider } from './okta-world.js';

contractSuite('Okta', oktaProvider, [
  { provider: 'okta', kind: 'everyone' },
  { provider: 'okta', kind: 'everyone', except: [3, 4] },
  { provider: 'okta', kind: 'application' },
  { provider: 'okta', kind: 'groups', of: ['Design', 'Everyone'] },
  { provider: 'okta', kind: 'groups', of: ['Design', 'Sales'], except: [5] },
]);
