import { GoogleAuth } from 'google-auth-library';
import { ConnectorError } from '../errors.js';
import { isObject, parseJson } from '../json.js';
import { abortable, retryAfterMs } from '../retry.js';
import { refusalOf } from './api-failures.js';
import type { GoogleHttp } from './http.js';
import type { Claims, Signer } from './signer.js';

/** What IAM Credentials wants of its caller. */
const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform';
/** The library has no time-out of its own. */
const SOURCE_MS = 15_000;

/** Access tokens of this machine or process itself, with which it may ask IAM Credentials to sign. */
export type OwnAccess = (signal: AbortSignal) => Promise<string>;

/**
 * The credentials that Google's library finds: the file that GOOGLE_APPLICATION_CREDENTIALS names (workload identity
 * federation and the like), or the metadata server. All of it is the operator's; no organisation's settings come near.
 */
export function ownAccess(): OwnAccess {
  const auth = new GoogleAuth({ scopes: [CLOUD_PLATFORM] });
  return async (signal) => {
    try {
      const token = await abortable(auth.getAccessToken(), AbortSignal.any([signal, AbortSignal.timeout(SOURCE_MS)]));
      if (typeof token === 'string' && token !== '') return token;
    } catch {
      signal.throwIfAborted();
      // The library's errors carry requests and answers; none of that may go on. The sentence below says what to do.
    }
    throw new ConnectorError(
      'unavailable',
      'This installation cannot get an access token of its own: the operator checks GOOGLE_APPLICATION_CREDENTIALS or the metadata server.',
    );
  };
}

export interface KeylessOptions {
  account: string;
  clientId: string;
  iamUrl: URL;
  access: OwnAccess;
  http: GoogleHttp;
  now: () => Date;
}

/** Has assertions signed by IAM Credentials (`signJwt`): there is no key that could be lost. */
export function keylessSigner(options: KeylessOptions): Signer {
  const { account, clientId, iamUrl, access, http } = options;
  const path = `${iamUrl.pathname.replace(/\/+$/u, '')}/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:signJwt`;
  const url = new URL(path, iamUrl);
  return {
    account,
    clientId,
    async sign(claims: Claims, signal) {
      const answer = await http.send(
        {
          method: 'POST',
          url,
          headers: {
            authorization: `Bearer ${await access(signal)}`,
            'content-type': 'application/json',
            accept: 'application/json',
          },
          body: JSON.stringify({ payload: JSON.stringify(claims) }),
        },
        signal,
      );
      if (answer.status !== 200)
        throw signingFailure(answer.status, answer.body, answer.header('retry-after'), options.now());
      const body = parseJson(answer.body, 'The answer of IAM Credentials');
      const signed = isObject(body) ? body['signedJwt'] : undefined;
      if (typeof signed !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/u.test(signed)) {
        throw new ConnectorError('bad_response', 'IAM Credentials answered without a signed assertion.');
      }
      return signed;
    },
  };
}

/**
 * All of it is the operator's to mend and none of it the customer's: the connection stays as it is and is tried again
 * by itself.
 */
function signingFailure(status: number, body: Uint8Array, retryAfter: string | null, now: Date): ConnectorError {
  let parsed: unknown = null;
  try {
    parsed = parseJson(body, 'An error of IAM Credentials');
  } catch (error) {
    // A page of a proxy: the status says enough.
    if (!(error instanceof ConnectorError)) throw error;
  }
  const refusal = refusalOf(status, parsed, retryAfter);
  const reference = `signJwt ${status} ${refusal.reason}`;
  if (status === 429 || status >= 500) {
    const wait = retryAfterMs(retryAfter, now);
    return new ConnectorError(
      status === 429 ? 'throttled' : 'unavailable',
      `IAM Credentials could not sign at the moment (${status}).`,
      {
        reference,
        ...(wait === null ? {} : { retryAfterMs: wait }),
      },
    );
  }
  const mend =
    status === 403
      ? "the operator enables the IAM Service Account Credentials API and gives this installation's identity the role Service Account Token Creator on the service account"
      : status === 404
        ? 'the operator checks the address of the service account in the settings'
        : "the operator checks this installation's identity";
  return new ConnectorError(
    'unavailable',
    `IAM Credentials does not sign for the service account (${status}): ${mend}.`,
    { reference, passing: false },
  );
}
