import { beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { importKey, isUsable } from './keys.js';

type Jwk = Record<string, unknown>;

function rsa(bits: number): Jwk {
  return generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
}

function ec(curve: string): Jwk {
  return generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'jwk' });
}

function privateRsa(): JsonWebKey {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ format: 'jwk' });
}

/** A modulus of so many bits: enough to be measured, never used. */
function modulus(bits: number): string {
  const bytes = Buffer.alloc(bits / 8, 0x5b);
  bytes[0] = 0x80;
  return bytes.toString('base64url');
}

describe('O-22: which keys of a provider are good for anything', () => {
  let good: Jwk;
  beforeAll(() => {
    good = rsa(2_048);
  });

  it.each([
    ['RSA of 2048 bits', 'RS256', () => good],
    ['the same for PS256', 'PS256', () => good],
    ['RSA of 8192 bits', 'RS256', () => ({ ...good, n: modulus(8_192) })],
    ['P-256', 'ES256', () => ec('P-256')],
    ['P-384', 'ES384', () => ec('P-384')],
    ['Ed25519', 'EdDSA', () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Jwk],
    ['one that says what it is for', 'RS256', () => ({ ...good, use: 'sig', alg: 'RS256', key_ops: ['verify'] })],
    ['one with a modulus that begins with zeros', 'RS256', () => ({ ...good, n: `AAAA${String(good['n'])}` })],
  ] as const)('takes %s', async (_name, algorithm, make) => {
    expect(isUsable(make(), algorithm)).toBe(true);
    if (!_name.includes('8192')) await expect(importKey(make(), algorithm)).resolves.toMatchObject({ type: 'public' });
  });

  it.each([
    ['RSA of 1024 bits', 'RS256', () => rsa(1_024)],
    ['RSA of 2040 bits', 'RS256', () => ({ ...good, n: modulus(2_040) })],
    [
      'a short modulus behind zeros',
      'RS256',
      () => ({ ...good, n: Buffer.concat([Buffer.alloc(200), Buffer.alloc(128, 0xff)]).toString('base64url') }),
    ],
    ['RSA of 8200 bits', 'RS256', () => ({ ...good, n: modulus(8_200) })],
    ['RSA of 16384 bits', 'RS256', () => ({ ...good, n: modulus(16_384) })],
    ['RSA with the exponent 1', 'RS256', () => ({ ...good, e: 'AQ' })],
    ['RSA with an even exponent', 'RS256', () => ({ ...good, e: 'AQAC' })],
    ['RSA without a modulus', 'RS256', () => ({ ...good, n: undefined })],
    ['a modulus that is a list', 'RS256', () => ({ ...good, n: [good['n']] })],
    ['a key for encryption', 'RS256', () => ({ ...good, use: 'enc' })],
    ['a use that is no text', 'RS256', () => ({ ...good, use: ['sig'] })],
    ['a key of another algorithm', 'RS256', () => ({ ...good, alg: 'RS512' })],
    ['a key whose operations leave verifying out', 'RS256', () => ({ ...good, key_ops: ['encrypt'] })],
    ['operations that are no list', 'RS256', () => ({ ...good, key_ops: 'verify' })],
    ['an EC key for RS256', 'RS256', () => ec('P-256')],
    ['an RSA key for ES256', 'ES256', () => good],
    ['P-384 for ES256', 'ES256', () => ec('P-384')],
    ['P-256 for ES384', 'ES384', () => ec('P-256')],
    ['P-521 for ES384', 'ES384', () => ec('P-521')],
    ['a secret', 'RS256', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
    ['a key without a kind', 'RS256', () => ({ n: good['n'], e: good['e'] })],
    ['X25519 for EdDSA', 'EdDSA', () => generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }) as Jwk],
  ] as const)('refuses %s', (_name, algorithm, make) => {
    expect(isUsable(make(), algorithm)).toBe(false);
  });

  it('refuses a point that is off its curve', async () => {
    const jwk = { ...ec('P-256'), y: Buffer.alloc(32, 7).toString('base64url') };
    await expect(importKey(jwk, 'ES256')).rejects.toThrow();
  });

  it('takes the public half of what should never have been published', async () => {
    const key = await importKey({ ...privateRsa() }, 'RS256');
    expect(key.type).toBe('public');
  });
});
