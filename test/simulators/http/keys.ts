import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export interface KeyPair {
  readonly privatePem: string;
  readonly privateJwk: Record<string, unknown>;
  readonly publicJwk: Record<string, unknown>;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);
const kept = new Map<string, Promise<KeyPair>>();

/** An RSA key pair, made once per name and process: making one takes a tenth of a second. */
export function keyPair(name: string): Promise<KeyPair> {
  const made = kept.get(name) ?? make(name);
  kept.set(name, made);
  return made;
}

async function make(name: string): Promise<KeyPair> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  const more = { kid: name, alg: 'RS256', use: 'sig' };
  return {
    publicKey,
    privateKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateJwk: { ...privateKey.export({ format: 'jwk' }), ...more },
    publicJwk: { ...publicKey.export({ format: 'jwk' }), ...more },
  };
}
