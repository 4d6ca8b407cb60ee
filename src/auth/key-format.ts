import { createHash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LOOKUP_LENGTH = 12;
/** 256 bits in base 62. */
const SECRET_LENGTH = 43;
/** 32 bits in base 62. */
const CHECK_LENGTH = 6;
const SHAPE = new RegExp(
  `^rc_([0-9A-Za-z]{${LOOKUP_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECK_LENGTH}})$`,
);
/** Longer or shorter than a real one too: a key that was cut when it was copied still gives most of itself away. */
const LOOKS_LIKE_A_KEY = /rc_[0-9A-Za-z]{4,}_[0-9A-Za-z]{8,}/g;

/** A key as it is handed out once: `rc_<lookup>_<secret><check>`. */
export interface NewKey {
  key: string;
  /** Finds the row; no secret. */
  lookup: string;
  /** What is stored: SHA-256 of the whole key. 256 random bits need no slow hash. */
  digest: Buffer;
}

/** @param random As `crypto.randomBytes`: so many bytes from a cryptographic source. */
export function makeKey(random: (bytes: number) => Buffer): NewKey {
  // 72 bits leave no use for the remainder's slight bias: the look-up part only has to be rare.
  const lookup = inBase62(random(9), LOOKUP_LENGTH).slice(-LOOKUP_LENGTH);
  const body = `rc_${lookup}_${inBase62(random(32), SECRET_LENGTH)}`;
  const key = body + checkOf(body);
  return { key, lookup, digest: digestOf(key) };
}

/** The look-up part of a well-formed key, or null: the check tells a typing mistake from a wrong key without the database. */
export function lookupOf(key: string): string | null {
  const match = SHAPE.exec(key);
  if (!match?.[1]) return null;
  return checkOf(key.slice(0, -CHECK_LENGTH)) === match[3] ? match[1] : null;
}

export function digestOf(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}

export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Leaves enough of a key to find it, nothing to use it: `rc_Ab3dEf6hIj9L_***`. */
export function maskKeys(text: string): string {
  return text.replace(LOOKS_LIKE_A_KEY, (found) => `${found.slice(0, found.indexOf('_', 3))}_***`);
}

export function holdsAKey(text: string): boolean {
  return text.search(LOOKS_LIKE_A_KEY) !== -1;
}

function checkOf(body: string): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return inBase62(sum, CHECK_LENGTH);
}

function inBase62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  while (rest > 0n) {
    text = (DIGITS[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text.padStart(length, '0');
}
