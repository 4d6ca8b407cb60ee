import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** The last link of an organisation's chain at a moment, signed: kept elsewhere, it shows what was cut or written anew since. */
export interface AuditHead {
  organisation: string;
  position: number;
  hash: string;
  at: string;
}

const SignedHead = z.strictObject({
  organisation: z.uuid(),
  position: z.number().int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/u),
  at: z.iso.datetime(),
  /** Names the secret key that the signing key was made from. */
  key: z.string().max(100),
  signature: z.string().max(200),
});
export type SignedHead = z.infer<typeof SignedHead>;

export interface HeadKey {
  id: string;
  /** 32 bytes, from which the key of Ed25519 is made. */
  seed: Buffer;
}

/** The fixed beginning of an Ed25519 private key in PKCS #8 (RFC 8410); the seed follows. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** One line of the file of heads. */
export function signHead(head: AuditHead, key: HeadKey): string {
  const signature = sign(null, textOf(head), privateKeyOf(key)).toString('base64url');
  return JSON.stringify({ ...head, key: key.id, signature } satisfies SignedHead);
}

/** Null for a line that is none of ours. */
export function readHead(line: string): SignedHead | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return SignedHead.safeParse(value).data ?? null;
}

export function isGenuine(head: SignedHead, key: HeadKey): boolean {
  const given = Buffer.from(head.signature, 'base64url');
  return verify(null, textOf(head), createPublicKey(privateKeyOf(key)), given);
}

function textOf({ organisation, position, hash, at }: AuditHead): Buffer {
  return Buffer.from(`rollcall audit head 1\n${organisation}\n${position}\n${hash}\n${at}`);
}

function privateKeyOf({ seed }: HeadKey): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}
