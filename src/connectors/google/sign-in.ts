import type { SignInPreset } from '../sign-in-preset.js';
import { closingSteps } from '../sign-in-steps.js';

const ISSUER = 'https://accounts.google.com';

/** Google Workspace. One issuer for everybody, so that the account's domain (`hd`) tells whose it is; `sub` is the user's id. */
export const googleSignIn: SignInPreset = {
  preset: 'google',
  title: 'Google Workspace',
  issuer: { kind: 'fixed', value: ISSUER, alias: 'accounts.google.com' },
  clientAuth: ['client_secret_post', 'client_secret_basic'],
  algorithms: ['RS256'],
  emailVerifiedAsText: true,
  subject: 'sub',
  requires: ['hosted_domain'],
  mayLinkByEmail: true,
  // Chooses among somebody's accounts, and proves nothing: with several domains Google is told of any Workspace account.
  authorizationParams: ({ hostedDomains }) => ({
    hd: hostedDomains.length === 1 && hostedDomains[0] !== undefined ? hostedDomains[0] : '*',
  }),
  tenantOf: () => null,
  steps: (addresses) => [
    {
      title: 'Consent screen',
      text: 'In the Google Cloud console choose a project of your organisation, open “Google Auth Platform” and set the audience to “Internal”.',
      values: { 'App name': 'Rollcall', Audience: 'Internal' },
    },
    {
      title: 'Make a client',
      text: 'Under Clients choose “Create client”, type “Web application”, and add this redirect URI.',
      values: {
        'Application type': 'Web application',
        Name: 'Rollcall',
        'Authorized redirect URI': addresses.redirectUri,
      },
    },
    {
      title: 'What Google does not do',
      text: 'Google has no sign-out for other applications and no back-channel logout: signing out of Rollcall leaves the Google session, and a suspended person is out of Rollcall with the next sync or sign-in.',
      values: {},
    },
    ...closingSteps('Copy the client id and the client secret into this identity provider.', addresses),
  ],
  provider: 'google',
  belongsTo: (issuer) => issuer === ISSUER,
};
