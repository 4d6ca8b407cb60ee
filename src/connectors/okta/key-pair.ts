import { createHash, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { PrivateJwk } from './settings.js';

/** The half that Okta may see. */
export interface PublicJwk {
  kty: 'RSA';
  n: string;
  e: string;
  kid: string;
  alg: 'RS256';
  use: 'sig';
}

/** A new RSA pair of 2,048 bits; the vendor's library can sign with nothing else. The key id is its thumbprint. */
export async function makeKeyPair(): Promise<PrivateJwk> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2_048 });
  const jwk = privateKey.export({ format: 'jwk' });
  const part = (name: 'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi'): string => {
    const value = jwk[name];
    if (typeof value !== 'string') throw new TypeError(`a new RSA key has no ${name}`);
    return value;
  };
  const n = part('n');
  const e = part('e');
  // RFC 7638: the members in this order.
  const kid = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
  return {
    kty: 'RSA',
    n,
    e,
    d: part('d'),
    p: part('p'),
    q: part('q'),
    dp: part('dp'),
    dq: part('dq'),
    qi: part('qi'),
    kid,
    alg: 'RS256',
    use: 'sig',
  };
}

export function publicHalf(key: PrivateJwk): PublicJwk {
  return { kty: 'RSA', n: key.n, e: key.e, kid: key.kid, alg: 'RS256', use: 'sig' };
}
