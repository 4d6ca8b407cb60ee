import { Injectable } from '@nestjs/common';
import { compactVerify, decodeProtectedHeader, errors } from 'jose';
import { ALGORITHMS, type Algorithm } from '../connectors/sign-in-preset.js';
import { KeySets } from './key-sets.service.js';
import { objectOf } from './provider-http.js';
import { SignInFault } from './sign-in-fault.js';
import type { Claims } from './token-claims.js';

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/u;
const LONGEST = 100_000;
const LONGEST_KID = 500;

/** A token whose signature holds. What it says is not judged yet. */
export interface SignedToken {
  header: Claims;
  payload: Claims;
  algorithm: Algorithm;
}

/** Checks the signature of what a provider has signed (O-21), with a key from that provider's own list and no other. */
@Injectable()
export class IdTokens {
  constructor(private readonly keys: KeySets) {}

  /**
   * @param allowed Algorithms that this provider may use; no others are taken whatever its keys are.
   * @throws {SignInFault} `token_answer`, `algorithm`, `key`, `signature`
   */
  async open(
    token: string,
    provider: { issuer: string; jwksUri: string },
    allowed: readonly Algorithm[],
  ): Promise<SignedToken> {
    if (token.length > LONGEST || !COMPACT.test(token))
      throw new SignInFault('token_answer', 'What came is no signed token.');
    const header = headerOf(token);
    const algorithm = algorithmOf(header, allowed);
    const kid = kidOf(header);
    // The key is one that was chosen here, so nothing that the header names (jwk, jku, x5c, x5u) can be one.
    const key = await this.keys.find(provider, kid, algorithm);
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [algorithm] });
      const claims = objectOf(new TextDecoder('utf-8', { fatal: true }).decode(payload));
      if (claims === null) throw new SignInFault('token_answer', 'The token holds no claims.');
      return { header, payload: claims, algorithm };
    } catch (error) {
      if (error instanceof SignInFault) throw error;
      if (error instanceof errors.JOSEError || error instanceof TypeError)
        throw new SignInFault('signature', 'The signature of the token is not the provider’s.', { cause: error });
      throw error;
    }
  }
}

function headerOf(token: string): Claims {
  try {
    return { ...decodeProtectedHeader(token) };
  } catch (error) {
    throw new SignInFault('token_answer', 'The token has no header.', { cause: error });
  }
}

function algorithmOf(header: Claims, allowed: readonly Algorithm[]): Algorithm {
  // An extension that must be understood is one that we do not.
  if (header['crit'] !== undefined || header['b64'] !== undefined)
    throw new SignInFault('algorithm', 'The token demands an extension.');
  const algorithm = ALGORITHMS.find((known) => known === header['alg']);
  if (algorithm === undefined || !allowed.includes(algorithm))
    throw new SignInFault('algorithm', 'The token is signed in a way that is not allowed.');
  return algorithm;
}

function kidOf(header: Claims): string | null {
  const kid = header['kid'];
  if (kid === undefined) return null;
  if (typeof kid !== 'string' || kid.length > LONGEST_KID)
    throw new SignInFault('key', 'The token names its key in no way that we know.');
  return kid;
}
