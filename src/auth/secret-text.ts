import { createHash } from 'node:crypto';
import { isId } from '../common/ids.js';

/** 16 bytes and 32 bytes in base64url. */
const SHAPE = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/u;

/** A credential as it is handed out once: `<organisation>.<secret>`. */
export interface NewSecret {
  text: string;
  /** What is stored: SHA-256 of the whole text. 256 random bits need no slow hash. */
  digest: Buffer;
}

/**
 * Makes the text of a session, a link or the state of a sign-in. It names its organisation, so that it is looked up
 * within that one alone; another organisation in front of a genuine secret finds nothing.
 *
 * @param random As `crypto.randomBytes`: so many bytes from a cryptographic source.
 */
export function makeSecret(organisationId: string, random: (bytes: number) => Buffer): NewSecret {
  const organisation = Buffer.from(organisationId.replaceAll('-', ''), 'hex').toString('base64url');
  const text = `${organisation}.${random(32).toString('base64url')}`;
  return { text, digest: digestOf(text) };
}

/** The organisation that a credential names, or null when it is none of ours. Nothing is proven by it. */
export function organisationOf(text: string): string | null {
  const [, organisation, secret] = SHAPE.exec(text) ?? [];
  if (organisation === undefined || secret === undefined) return null;
  const bytes = Buffer.from(organisation, 'base64url');
  // The last digit of each part has bits to spare; one text only may stand for the same bytes.
  const same =
    bytes.toString('base64url') === organisation && Buffer.from(secret, 'base64url').toString('base64url') === secret;
  if (!same) return null;
  const id = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
  return isId(id) ? id : null;
}

export function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
