import { randomUUID } from 'node:crypto';
import { compactVerify, decodeJwt, errors as errorsOfJose, SignJWT, type JWTPayload } from 'jose';
import type { Company } from '../company/company.ts';
import type { Person } from '../company/model.ts';
import { json, type Incoming, type Reply } from '../http/answer.ts';
import type { KeyPair } from '../http/keys.ts';
import { errors, googleError, tokenError } from './errors.ts';
import { CLOUD_PLATFORM, type GoogleSettings, type ServiceAccount } from './settings.ts';

export interface GoogleCaller {
  readonly account: ServiceAccount;
  /** The delegated user; null when the account acts for itself. */
  readonly subject: Person | null;
  readonly scopes: ReadonlySet<string>;
}

interface AccessToken extends GoogleCaller {
  readonly expires: number;
}

const HOUR = 3_600_000;
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const REAL_TOKEN_URL = 'https://oauth2.googleapis.com/token';
const UNAUTHORIZED =
  'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.';

/** Service accounts, the token endpoint, and `signJwt` of IAM Credentials for those without a key of their own. */
export class GoogleAuth {
  readonly accounts = new Map<string, ServiceAccount>();
  /** Access tokens of the installation itself, as its platform hands them out; they may sign. */
  readonly platformTokens = new Map<string, ServiceAccount>();
  readonly #company: Company;
  readonly #settings: GoogleSettings;
  readonly #base: string;
  readonly #systemKey: KeyPair;
  readonly #tokens = new Map<string, AccessToken>();

  constructor(company: Company, settings: GoogleSettings, base: string, systemKey: KeyPair) {
    this.#company = company;
    this.#settings = settings;
    this.#base = base;
    this.#systemKey = systemKey;
  }

  revokeAccessTokens(): void {
    this.#tokens.clear();
  }

  async token(request: Incoming): Promise<Reply> {
    const form = new URLSearchParams(request.body);
    const assertion = form.get('assertion');
    if (form.get('grant_type') !== GRANT || assertion === null) {
      return tokenError(400, 'unsupported_grant_type', 'Invalid grant_type');
    }
    const claims = readClaims(assertion);
    const account = this.accounts.get(claims?.iss ?? '');
    if (!claims || !account) return tokenError(400, 'invalid_grant', 'Invalid grant: account not found');
    const wrong = await this.#whatIsWrong(assertion, claims, account);
    if (wrong !== null) return tokenError(400, 'invalid_grant', wrong);
    const asked = claims['scope'];
    const scopes = (typeof asked === 'string' ? asked : '').split(' ').filter((scope) => scope !== '');
    if (scopes.length === 0) return tokenError(400, 'invalid_scope', 'Empty or missing scope not allowed.');
    const subject = claims.sub === undefined || claims.sub === account.email ? null : claims.sub;
    if (subject === null) return this.#grant({ account, subject: null, scopes: new Set(scopes) });
    if (scopes.some((scope) => !account.delegated.includes(scope))) {
      return tokenError(401, 'unauthorized_client', UNAUTHORIZED);
    }
    if (this.#settings.accessDenied) return tokenError(403, 'access_denied', 'Requested client not authorized.');
    const person = this.#company.byAddress(subject);
    if (!person || person.email.toLowerCase() !== subject.toLowerCase() || person.state !== 'employed') {
      return tokenError(400, 'invalid_grant', 'Invalid email or User ID');
    }
    return this.#grant({ account, subject: person, scopes: new Set(scopes) });
  }

  /** Times first, then the signature, as one sentence; null when all is well. */
  async #whatIsWrong(assertion: string, claims: JWTPayload, account: ServiceAccount): Promise<string | null> {
    const now = this.#company.clock.now() / 1000;
    const { iat = 0, exp = 0 } = claims;
    if (exp - iat > 3600 || iat > now + 300 || exp < now - 300) {
      const lived = 'Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
      return `Invalid JWT: ${lived} Check your iat and exp values in the JWT claim.`;
    }
    if (![`${this.#base}/token`, REAL_TOKEN_URL].includes(String(claims.aud)))
      return 'Invalid JWT: Failed audience check.';
    for (const key of [...account.keys, this.#systemKey.publicKey]) {
      if (await verifies(assertion, key)) return null;
    }
    return 'Invalid JWT Signature.';
  }

  #grant(caller: GoogleCaller): Reply {
    const token = `ya29.simulated-${randomUUID()}`;
    this.#tokens.set(token, { ...caller, expires: this.#company.clock.now() + HOUR });
    return json(200, { access_token: token, expires_in: 3599, token_type: 'Bearer' });
  }

  /** The caller behind a request, or what is answered instead. */
  caller(request: Incoming): GoogleCaller | Reply {
    const [scheme = '', secret = ''] = (request.headers.authorization ?? '').split(' ');
    const token = this.#tokens.get(secret);
    if (scheme !== 'Bearer' || !token || token.expires <= this.#company.clock.now()) return errors.invalidCredentials();
    if (token.subject && token.subject.state !== 'employed') return errors.invalidCredentials();
    return token;
  }

  /** `projects/-/serviceAccounts/{email}:signJwt`: signs any claims for whoever may create tokens for the account. */
  async sign(request: Incoming, email: string): Promise<Reply> {
    const [, secret = ''] = (request.headers.authorization ?? '').split(' ');
    const token = this.#tokens.get(secret);
    const platform = token && token.scopes.has(CLOUD_PLATFORM) ? token.account : this.platformTokens.get(secret);
    if (!platform) return googleError(401, 'authError', 'Request had invalid authentication credentials.');
    if (!this.accounts.has(email) || platform.email !== email) {
      const message = "Permission 'iam.serviceAccounts.signJwt' denied on resource (or it may not exist).";
      return googleError(403, 'forbidden', message);
    }
    const { payload } = JSON.parse(request.body) as { payload?: unknown };
    if (typeof payload !== 'string') return googleError(400, 'badRequest', 'Request contains an invalid argument.');
    const signedJwt = await new SignJWT(JSON.parse(payload) as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid: 'system-managed', typ: 'JWT' })
      .sign(this.#systemKey.privateKey);
    return json(200, { keyId: 'system-managed', signedJwt });
  }

  /** The metadata server of the platform that the installation runs on. */
  metadata(request: Incoming): Reply {
    if (request.headers['metadata-flavor'] !== 'Google') {
      return { status: 403, headers: { 'content-type': 'text/html' }, body: 'Missing Metadata-Flavor:Google header.' };
    }
    const [entry] = this.platformTokens;
    if (!entry) return { status: 404, headers: { 'content-type': 'text/html' }, body: 'Not Found' };
    const flavour = { 'metadata-flavor': 'Google' };
    const [token, account] = entry;
    if (request.path.endsWith('/email')) {
      return { status: 200, headers: { ...flavour, 'content-type': 'application/text' }, body: account.email };
    }
    return json(200, { access_token: token, expires_in: 3599, token_type: 'Bearer' }, flavour);
  }
}

function readClaims(assertion: string): JWTPayload | null {
  try {
    return decodeJwt(assertion);
  } catch (error) {
    if (error instanceof errorsOfJose.JWTInvalid) return null;
    throw error;
  }
}

async function verifies(assertion: string, key: ServiceAccount['keys'][number]): Promise<boolean> {
  // The signature alone: times were checked by then, with Google's own tolerance.
  return compactVerify(assertion, key, { algorithms: ['RS256'] }).then(
    () => true,
    () => false,
  );
}
