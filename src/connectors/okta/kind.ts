import { z } from 'zod';
import type { ConnectorKind } from '../kind.js';
import { standardAttributes } from './attributes.js';
import { makeKeyPair, publicHalf } from './key-pair.js';
import { oktaSetUpSteps } from './set-up-steps.js';
import {
  defaultOktaMapping,
  type OktaCredentials,
  oktaCredentials,
  oktaCredentialsInput,
  oktaMapping,
  type OktaScope,
  oktaScope,
} from './settings.js';

/** Okta, as data; the vendor's library is loaded when a connector is made. */
export const oktaKind: ConnectorKind<OktaScope, OktaCredentials> = {
  provider: 'okta',
  title: 'Okta',
  scope: oktaScope,
  defaultScope: { kind: 'directory', excluded: [] },
  mapping: oktaMapping,
  defaultMapping: defaultOktaMapping,
  standardAttributes,
  credentials: oktaCredentials,
  credentialsInput: oktaCredentialsInput,

  async acceptCredentials(input, before) {
    const given = oktaCredentialsInput.parse(input);
    // A secret goes to the address that it was given for, and to no other.
    const same = before !== null && before.method === given.method && before.orgUrl === given.orgUrl ? before : null;
    if (given.method === 'token') {
      const token = given.token ?? (same?.method === 'token' ? same.token : undefined);
      if (token === undefined) throw needed('token', 'Enter the API token; a new address needs it again.');
      return { method: 'token', orgUrl: given.orgUrl, token };
    }
    const kept = same?.method === 'key' && given.newKey !== true ? same : null;
    return {
      method: 'key',
      orgUrl: given.orgUrl,
      clientId: given.clientId === undefined ? (kept?.clientId ?? null) : given.clientId,
      privateJwk: kept?.privateJwk ?? (await makeKeyPair()),
    };
  },

  showCredentials(credentials) {
    return credentials.method === 'token'
      ? { method: 'token', orgUrl: credentials.orgUrl, token: 'set' }
      : {
          method: 'key',
          orgUrl: credentials.orgUrl,
          clientId: credentials.clientId,
          publicJwk: publicHalf(credentials.privateJwk),
        };
  },

  methods: () => ['key', 'token'],

  setUpSteps: oktaSetUpSteps,

  /** The organisation's own service app or token proves the right by itself. */
  domainsToProve: () => [],

  async create(options) {
    const { OktaConnector } = await import('./okta.connector.js');
    return await OktaConnector.open(options);
  },
};

function needed(path: string, message: string): z.ZodError {
  return new z.ZodError([{ code: 'custom', path: [path], message, input: undefined }]);
}
