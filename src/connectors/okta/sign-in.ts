import type { SignInPreset } from '../sign-in-preset.js';
import { closingSteps } from '../sign-in-steps.js';

/** Okta: its organisation's own authorization server, or a custom one. `sub` is the id of the user in the directory. */
export const oktaSignIn: SignInPreset = {
  preset: 'okta',
  title: 'Okta',
  issuer: {
    kind: 'asked',
    hint: 'The address of your Okta organisation, for example https://acme.okta.com, or https://acme.okta.com/oauth2/default for a custom authorization server.',
    refuse: (issuer) => refusal(issuer),
  },
  clientAuth: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  algorithms: ['RS256'],
  emailVerifiedAsText: false,
  subject: 'sub',
  requires: [],
  mayLinkByEmail: true,
  authorizationParams: () => ({}),
  tenantOf: () => null,
  steps: (addresses) => [
    {
      title: 'Make an app integration',
      text: 'In the Admin Console open Applications > Applications > Create App Integration, choose “OIDC - OpenID Connect” and “Web Application”, and name it.',
      values: { Name: 'Rollcall', 'Sign-in method': 'OIDC - OpenID Connect', 'Application type': 'Web Application' },
    },
    {
      title: 'Grant type and redirect addresses',
      text: 'Leave the grant type at “Authorization Code” alone and set these addresses. Require PKCE as additional verification.',
      values: { 'Sign-in redirect URI': addresses.redirectUri, 'Sign-out redirect URI': addresses.postLogoutUri },
    },
    {
      title: 'Start from the dashboard',
      text: 'To show a tile to your people, set “Login initiated by” to “Either Okta or App” and give this address.',
      values: { 'Initiate login URI': addresses.initiateUri },
    },
    {
      title: 'Assign people',
      text: 'On the Assignments tab assign the people or groups who may sign in. Whom Rollcall lets in it decides for itself.',
      values: {},
    },
    ...closingSteps(
      'Copy the client id and the client secret from the General tab into this identity provider.',
      addresses,
    ),
  ],
  provider: 'okta',
  // Every authorization server of an organisation lives at its own address, and its subjects are that directory's ids.
  belongsTo: (issuer, shown) => {
    const { orgUrl } = shown;
    return typeof orgUrl === 'string' && URL.canParse(orgUrl) && new URL(orgUrl).origin === new URL(issuer).origin;
  },
};

function refusal(issuer: URL): string | null {
  if (/-admin\.okta(preview|-emea)?\.com$/u.test(issuer.hostname))
    return 'That is the address of the Admin Console; leave “-admin” out.';
  return /^\/(oauth2\/[A-Za-z0-9]+)?$/u.test(issuer.pathname)
    ? null
    : 'The issuer is the address of the organisation, or that with /oauth2/ and the id of an authorization server.';
}
