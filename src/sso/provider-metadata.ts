import { z } from 'zod';
import { ALGORITHMS, type Algorithm, CLIENT_AUTHS } from '../connectors/sign-in-preset.js';
import { SignInFault } from './sign-in-fault.js';

/** What an issuer says of itself, as far as we use it. Stored in `identity_provider.discovery` as it is here. */
export const ProviderMetadata = z.strictObject({
  issuer: z.string(),
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  userInfoEndpoint: z.string().nullable(),
  jwksUri: z.string(),
  endSessionEndpoint: z.string().nullable(),
  /** Those that we take, in our order. */
  algorithms: z.array(z.enum(ALGORITHMS)),
  /** Of those that we can do. */
  tokenEndpointAuth: z.array(z.enum(CLIENT_AUTHS)),
  /** RFC 9207: each answer names its issuer. */
  namesIssuer: z.boolean(),
  backChannelLogout: z.boolean(),
});
export type ProviderMetadata = z.infer<typeof ProviderMetadata>;

const address = z.string().min(1).max(2_000);
const names = z.array(z.string().max(200)).max(200);

/** OpenID Connect Discovery 1.0 §3; what is missing there has the value that it says. */
const Document = z.looseObject({
  issuer: z.string().max(2_000),
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
  userinfo_endpoint: address.nullish(),
  end_session_endpoint: address.nullish(),
  response_types_supported: names.nullish(),
  id_token_signing_alg_values_supported: names.nullish(),
  token_endpoint_auth_methods_supported: names.nullish(),
  authorization_response_iss_parameter_supported: z.boolean().nullish(),
  backchannel_logout_supported: z.boolean().nullish(),
});

/** Where an issuer tells about itself. */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/u, '')}/.well-known/openid-configuration`;
}

/**
 * Reads what an issuer says of itself.
 *
 * @param check Throws for an address that would not be called; each one is asked about (O-60).
 * @throws {SignInFault} `issuer` when it is another's, by string (O-37); `discovery` for all else.
 */
export function readMetadata(document: unknown, issuer: string, check: (url: URL) => void): ProviderMetadata {
  const read = Document.safeParse(document);
  if (!read.success) {
    const missing = [...new Set(read.error.issues.map(({ path }) => String(path[0] ?? 'it')))].join(', ');
    throw new SignInFault('discovery', `What the issuer says of itself lacks something: ${missing}.`);
  }
  const said = read.data;
  if (said.issuer !== issuer) throw new SignInFault('issuer', 'Another issuer answers at this address.');
  if (said.response_types_supported && !said.response_types_supported.includes('code'))
    throw new SignInFault('discovery', 'The issuer does not offer the authorization code flow.');
  return {
    issuer,
    authorizationEndpoint: checked('authorization_endpoint', said.authorization_endpoint, check),
    tokenEndpoint: checked('token_endpoint', said.token_endpoint, check),
    userInfoEndpoint: optional('userinfo_endpoint', said.userinfo_endpoint, check),
    jwksUri: checked('jwks_uri', said.jwks_uri, check),
    endSessionEndpoint: optional('end_session_endpoint', said.end_session_endpoint, check),
    algorithms: algorithmsOf(said.id_token_signing_alg_values_supported),
    tokenEndpointAuth: CLIENT_AUTHS.filter((way) =>
      (said.token_endpoint_auth_methods_supported ?? ['client_secret_basic']).includes(way),
    ),
    namesIssuer: said.authorization_response_iss_parameter_supported ?? false,
    backChannelLogout: said.backchannel_logout_supported ?? false,
  };
}

function algorithmsOf(said: readonly string[] | null | undefined): Algorithm[] {
  if (!said) return ['RS256'];
  const known = ALGORITHMS.filter((algorithm) => said.includes(algorithm));
  if (known.length === 0) throw new SignInFault('discovery', 'The issuer signs in no way that is allowed.');
  return known;
}

function optional(name: string, url: string | null | undefined, check: (url: URL) => void): string | null {
  return url === null || url === undefined ? null : checked(name, url, check);
}

function checked(name: string, text: string, check: (url: URL) => void): string {
  if (!URL.canParse(text)) throw new SignInFault('discovery', `The issuer’s ${name} is no address.`);
  const url = new URL(text);
  if (url.hash !== '') throw new SignInFault('discovery', `The issuer’s ${name} has a fragment.`);
  try {
    check(url);
  } catch (error) {
    throw new SignInFault('discovery', `The issuer’s ${name} is an address that is not called.`, { cause: error });
  }
  return url.href;
}
