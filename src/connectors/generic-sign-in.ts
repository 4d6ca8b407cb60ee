import { ALGORITHMS, type SignInPreset } from './sign-in-preset.js';
import { closingSteps } from './sign-in-steps.js';

/** Any OpenID Connect issuer. */
export const genericSignIn: SignInPreset = {
  preset: 'generic',
  title: 'OpenID Connect',
  issuer: {
    kind: 'asked',
    hint: 'The issuer exactly as the provider writes it, for example https://id.example.com.',
    refuse: () => null,
  },
  clientAuth: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  algorithms: ALGORITHMS,
  emailVerifiedAsText: false,
  subject: 'sub',
  requires: [],
  mayLinkByEmail: true,
  authorizationParams: () => ({}),
  tenantOf: () => null,
  steps: (addresses) => [
    {
      title: 'Register a client',
      text: 'In the provider’s console register a web application (a confidential client) that uses the authorization code flow with PKCE.',
      values: { 'Redirect URI': addresses.redirectUri },
    },
    {
      title: 'Allow the scopes',
      text: 'Let it use these scopes; no refresh token is needed.',
      values: { Scopes: 'openid email profile' },
    },
    {
      title: 'Sign-out and sign-in addresses',
      text: 'Where the provider asks for them. Back-channel logout ends sessions here as soon as they end there.',
      values: {
        'Post-logout redirect URI': addresses.postLogoutUri,
        'Back-channel logout URI': addresses.backChannelUri,
        'Initiate login URI': addresses.initiateUri,
      },
    },
    ...closingSteps('Copy the issuer, the client id and the client secret into this identity provider.', addresses),
  ],
  provider: null,
  belongsTo: () => false,
};
