import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ServiceAccountKey } from './credentials.js';

/** What an assertion says; times in seconds. */
export interface Claims {
  iss: string;
  sub: string;
  scope: string;
  aud: string;
  iat: number;
  exp: number;
}

/** Signs assertions as one service account: with its key here, or without any key at Google. */
export interface Signer {
  /** E-mail address of the service account, which is the issuer of its assertions. */
  readonly account: string;
  /** The number that customers delegate to. */
  readonly clientId: string;
  sign(claims: Claims, signal: AbortSignal): Promise<string>;
}

export function keySigner(key: ServiceAccountKey): Signer {
  const privateKey = createPrivateKey(key.privateKey);
  return {
    account: key.clientEmail,
    clientId: key.clientId,
    async sign(claims, signal) {
      signal.throwIfAborted();
      return await new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(key.keyId === null ? {} : { kid: key.keyId }) })
        .sign(privateKey);
    },
  };
}
