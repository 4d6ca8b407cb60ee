import type { SignInPreset } from '../sign-in-preset.js';
import { closingSteps } from '../sign-in-steps.js';

/** In place of a tenant these mean everybody's accounts, each with another issuer in its tokens. */
const EVERYBODY = ['common', 'organizations', 'consumers'];
const TENANT = /^\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/v2\.0$/u;

/**
 * Microsoft Entra ID. A person is (`tid`, `oid`); an address there is what any tenant's admin has typed and proves
 * nothing (O-45).
 */
export const microsoftSignIn: SignInPreset = {
  preset: 'microsoft',
  title: 'Microsoft Entra ID',
  issuer: {
    kind: 'asked',
    hint: 'https://login.microsoftonline.com/<Directory (tenant) ID>/v2.0',
    refuse: (issuer) => refusal(issuer),
  },
  clientAuth: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  algorithms: ['RS256'],
  emailVerifiedAsText: false,
  subject: 'oid',
  requires: ['tenant'],
  mayLinkByEmail: false,
  authorizationParams: () => ({}),
  tenantOf: (issuer) => (URL.canParse(issuer) ? (TENANT.exec(new URL(issuer).pathname)?.[1] ?? null) : null),
  steps: (addresses) => [
    {
      title: 'Register an application',
      text: 'In the Entra admin center open Entra ID > App registrations > New registration, choose “Accounts in this organizational directory only”, platform “Web”, and this redirect URI.',
      values: {
        Name: 'Rollcall',
        'Supported account types': 'Accounts in this organizational directory only',
        'Redirect URI': addresses.redirectUri,
      },
    },
    {
      title: 'Issuer',
      text: 'On the Overview copy the Directory (tenant) ID; the issuer is made of it.',
      values: { Issuer: 'https://login.microsoftonline.com/<Directory (tenant) ID>/v2.0' },
    },
    {
      title: 'Claims',
      text: 'Under Token configuration add the optional claims of the ID token.',
      values: { 'Optional claims': 'email, family_name, given_name' },
    },
    {
      title: 'Make a secret',
      text: 'Under Certificates & secrets make a new client secret and copy its value at once: it is shown a single time there, and it expires.',
      values: {},
    },
    {
      title: 'Connect people',
      text: 'An address in Entra is no proof of who somebody is, so nobody is tied by it: people connect the account from a session that they have, or a directory ties them.',
      values: {},
    },
    ...closingSteps('Copy the Application (client) ID and the secret’s value into this identity provider.', addresses),
  ],
  provider: null,
  belongsTo: () => false,
};

function refusal(issuer: URL): string | null {
  const [, first] = issuer.pathname.split('/');
  if (first !== undefined && EVERYBODY.includes(first))
    return `“${first}” stands for the accounts of every company; give the issuer of your own tenant, with its id.`;
  return TENANT.test(issuer.pathname)
    ? null
    : 'The issuer ends in the tenant’s id in lower case and /v2.0, as in the hint.';
}
