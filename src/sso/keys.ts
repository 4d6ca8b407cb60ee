import { importJWK, type CryptoKey } from 'jose';
import type { Algorithm } from '../connectors/sign-in-preset.js';

const LEAST_RSA_BITS = 2_048;
const MOST_RSA_BITS = 8_192;

interface KeyShape {
  kty: string;
  crv: string | null;
  /** Members that make the public key; nothing else of a JWK is ever looked at. */
  members: readonly string[];
  /** Names of the algorithm that a key may carry. */
  names: readonly string[];
}

const SHAPES: Record<Algorithm, KeyShape> = {
  RS256: { kty: 'RSA', crv: null, members: ['n', 'e'], names: ['RS256'] },
  PS256: { kty: 'RSA', crv: null, members: ['n', 'e'], names: ['PS256'] },
  ES256: { kty: 'EC', crv: 'P-256', members: ['x', 'y'], names: ['ES256'] },
  ES384: { kty: 'EC', crv: 'P-384', members: ['x', 'y'], names: ['ES384'] },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', members: ['x'], names: ['EdDSA', 'Ed25519'] },
};

/** Whether a provider's key may verify a signature of this algorithm (O-22). A point off its curve shows in `importKey`. */
export function isUsable(jwk: Readonly<Record<string, unknown>>, algorithm: Algorithm): boolean {
  const shape = SHAPES[algorithm];
  if (jwk['kty'] !== shape.kty || (shape.crv !== null && jwk['crv'] !== shape.crv)) return false;
  if (!shape.members.every((member) => isBase64Url(jwk[member]))) return false;
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return false;
  if (jwk['alg'] !== undefined && !shape.names.some((name) => name === jwk['alg'])) return false;
  if (jwk['key_ops'] !== undefined && !isFor(jwk['key_ops'], 'verify')) return false;
  return shape.kty !== 'RSA' || isSoundRsa(String(jwk['n']), String(jwk['e']));
}

/** Only the public members go in: no chain of certificates, no address, no private half. @throws for a point off its curve. */
export async function importKey(jwk: Readonly<Record<string, unknown>>, algorithm: Algorithm): Promise<CryptoKey> {
  const { kty, crv, members } = SHAPES[algorithm];
  const plain = Object.fromEntries(members.map((member) => [member, jwk[member]]));
  const key = await importJWK({ kty, ...(crv === null ? {} : { crv }), ...plain }, algorithm);
  if (key instanceof Uint8Array) throw new TypeError('a public key came out as a secret');
  return key;
}

function isFor(operations: unknown, wanted: string): boolean {
  return Array.isArray(operations) && operations.includes(wanted);
}

function isBase64Url(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]+$/u.test(value);
}

/** An exponent of 1 makes every text a signature of itself. */
function isSoundRsa(modulus: string, exponent: string): boolean {
  const bits = bitsOf(Buffer.from(modulus, 'base64url'));
  const e = Buffer.from(exponent, 'base64url');
  const odd = ((e.at(-1) ?? 0) & 1) === 1;
  return bits >= LEAST_RSA_BITS && bits <= MOST_RSA_BITS && odd && bitsOf(e) >= 2 && bitsOf(e) <= 64;
}

function bitsOf(bytes: Buffer): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first === -1) return 0;
  return (bytes.length - first) * 8 - (Math.clz32(bytes[first] ?? 0) - 24);
}
