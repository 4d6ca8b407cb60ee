import type { ConnectorKind } from '../kind.js';
import {
  acceptGoogleCredentials,
  googleCredentials,
  googleCredentialsInput,
  googleDomainsToProve,
  showGoogleCredentials,
  type GoogleCredentials,
} from './credentials.js';
import { defaultGoogleMapping, googleMapping, googleScope, type GoogleScope } from './settings.js';
import { googleMethods, googleSetUpSteps } from './setup-steps.js';
import { standardAttributes } from './standard-attributes.js';

/** Google Workspace, as data; Google's own library is loaded when a connector is first made. */
export const googleKind: ConnectorKind<GoogleScope, GoogleCredentials> = {
  provider: 'google',
  title: 'Google Workspace',
  scope: googleScope,
  defaultScope: { kind: 'directory', excluded: [] },
  mapping: googleMapping,
  defaultMapping: defaultGoogleMapping,
  standardAttributes,
  credentials: googleCredentials,
  credentialsInput: googleCredentialsInput,
  acceptCredentials(input, before) {
    return Promise.resolve().then(() => acceptGoogleCredentials(input, before));
  },
  showCredentials: showGoogleCredentials,
  methods: googleMethods,
  setUpSteps: googleSetUpSteps,
  domainsToProve: googleDomainsToProve,
  async create(options) {
    const [{ openAccess }, { GoogleConnector }] = await Promise.all([
      import('./google-access.js'),
      import('./google.connector.js'),
    ]);
    return new GoogleConnector(openAccess(options));
  },
};
