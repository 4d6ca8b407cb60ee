import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, jwtVerify, decodeProtectedHeader, type JWK } from 'jose';

export interface Proof {
  readonly thumbprint: string;
  readonly nonce: string | null;
}

/** Why a proof is refused, in a sentence. */
export class ProofError extends Error {}

/**
 * Checks proofs of possession. A `jti` serves once, and `iat` may be five minutes off.
 * @see RFC 9449
 */
export class ProofChecker {
  readonly #used = new Set<string>();

  async check(
    proof: string,
    expected: { method: string; url: string; now: number; accessToken?: string },
  ): Promise<Proof> {
    const header = decodeProtectedHeader(proof);
    if (header.typ !== 'dpop+jwt') throw new ProofError("The DPoP proof JWT must have a 'typ' of 'dpop+jwt'.");
    const jwk = header.jwk as JWK | undefined;
    if (!jwk || 'd' in jwk) throw new ProofError('The DPoP proof JWT must carry a public key.');
    const { payload } = await jwtVerify(proof, await importJWK(jwk, header.alg ?? 'RS256'), {
      currentDate: new Date(expected.now),
    }).catch((error: unknown) => {
      throw new ProofError(`The DPoP proof JWT could not be verified: ${String(error)}`);
    });
    if (payload['htm'] !== expected.method) throw new ProofError("The 'htm' claim does not match the HTTP method.");
    if (payload['htu'] !== expected.url) throw new ProofError("The 'htu' claim does not match the URL.");
    if (Math.abs((payload.iat ?? 0) * 1000 - expected.now) > 300_000) throw new ProofError("The 'iat' claim is off.");
    if (payload.jti === undefined || this.#used.has(payload.jti)) throw new ProofError("The 'jti' was used before.");
    if (expected.accessToken !== undefined) {
      const hash = createHash('sha256').update(expected.accessToken).digest('base64url');
      if (payload['ath'] !== hash) throw new ProofError("The 'ath' claim does not match the access token.");
    }
    this.#used.add(payload.jti);
    const { nonce } = payload;
    return { thumbprint: await calculateJwkThumbprint(jwk), nonce: typeof nonce === 'string' ? nonce : null };
  }
}
