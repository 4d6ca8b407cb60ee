import type { InstallationSettings, SetUpStep } from '../kind.js';
import { SCHEMA_SCOPES } from './attributes.js';
import { publicHalf } from './key-pair.js';
import type { OktaCredentials } from './settings.js';

/** Lets the mapping be chosen from a list. */
const TO_LIST_ATTRIBUTES = SCHEMA_SCOPES.join(' ');
const ALWAYS = ['okta.users.read', 'okta.logs.read'];

/** What an admin does in Okta's own console, in order, with the values to copy. */
export function oktaSetUpSteps(context: {
  credentials: OktaCredentials | null;
  installation: InstallationSettings;
  method?: string;
}): SetUpStep[] {
  const { credentials, method } = context;
  return (credentials?.method ?? method) === 'token' ? tokenSteps() : keySteps(credentials);
}

function keySteps(credentials: OktaCredentials | null): SetUpStep[] {
  const key = credentials?.method === 'key' ? credentials : null;
  return [
    {
      title: 'Make a service app',
      text: 'In the Admin Console open Applications > Applications > Create App Integration, choose API Services, name it and save.',
      values: { Name: 'Rollcall', Type: 'API Services' },
    },
    {
      title: 'Give it our public key',
      text: 'On the General tab, under Client Credentials, choose Edit, then Public key / Private key, Save keys in Okta, Add key, and paste the public key. The private one stays here and is never shown.',
      values:
        key === null
          ? {}
          : { 'Public key (JWK)': JSON.stringify(publicHalf(key.privateJwk), null, 2), 'Key id': key.privateJwk.kid },
    },
    {
      title: 'Proof of possession',
      text: '“Require Demonstrating Proof of Possession (DPoP) header in token requests” may stay on or be switched off; both work.',
      values: {},
    },
    {
      title: 'Grant the scopes',
      text: 'On the Okta API Scopes tab grant these scopes; only a super administrator may. Those for the scopes “application” and “groups” are needed for these alone; the last one is optional: it lets you choose custom attributes from a list instead of typing their names.',
      values: {
        Always: ALWAYS.join(' '),
        'Scope “application”': 'okta.apps.read',
        'Scope “groups”': 'okta.groups.read',
        'Optional, lists attributes': TO_LIST_ATTRIBUTES,
      },
    },
    {
      title: 'Assign an admin role',
      text: 'On the Admin roles tab assign the role, for all resources: a role narrowed to a resource set makes people seem to have left.',
      values: { Role: 'Read-only Administrator' },
    },
    {
      title: 'Copy the client id',
      text: 'Copy the client id from the General tab into this connection, together with the address of the organisation.',
      values: typeof key?.clientId === 'string' ? { 'Client id': key.clientId } : {},
    },
  ];
}

function tokenSteps(): SetUpStep[] {
  return [
    {
      title: 'Make an admin account for Rollcall',
      text: 'Make a user of its own for this and give it the role, for all resources. The token can do what this user can, and dies with it.',
      values: { Role: 'Read-only Administrator' },
    },
    {
      title: 'Make an API token',
      text: 'Signed in as that user open Security > API > Tokens > Create token, and copy it into this connection; Okta shows it once. It lives while it is used at least every 30 days. If you bind it to a network zone, let in the address that Rollcall calls from.',
      values: { Name: 'Rollcall' },
    },
  ];
}
