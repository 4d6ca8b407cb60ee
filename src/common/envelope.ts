import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { RollcallError } from './errors.js';

/** Where a secret is stored. It is bound to this place: moved elsewhere, it does not open. */
export interface SealedPlace {
  table: string;
  column: string;
  rowId: string;
  organisationId: string;
}

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/** Each part with its length before it, so that no two places read the same. */
function bind(place: SealedPlace, keyId: string): Buffer {
  const parts = [place.table, place.column, place.rowId, place.organisationId, keyId].map((part) => Buffer.from(part));
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

/**
 * AES-256-GCM with a fresh nonce. The envelope is: format, length of the key's id, that id, nonce, ciphertext, tag.
 *
 * @throws {RangeError} when the key is not of 256 bits or its id is longer than 255 bytes: our bug.
 */
export function seal(plaintext: Buffer, key: Buffer, keyId: string, place: SealedPlace): Buffer {
  const id = Buffer.from(keyId);
  if (key.length !== KEY_BYTES || id.length > 255) throw new RangeError('a key has 32 bytes and a short id');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bind(place, keyId));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([FORMAT, id.length]), id, nonce, body, cipher.getAuthTag()]);
}

/** Which key an envelope was sealed with. */
export function keyIdOf(envelope: Buffer): string {
  return parse(envelope).keyId;
}

/** @throws {RollcallError} `secret.unreadable` for a wrong key, a wrong place or a changed byte; it does not say which. */
export function unseal(envelope: Buffer, key: Buffer, place: SealedPlace): Buffer {
  const { keyId, nonce, body, tag } = parse(envelope);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bind(place, keyId));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (error) {
    throw unreadable(error);
  }
}

function parse(envelope: Buffer): { keyId: string; nonce: Buffer; body: Buffer; tag: Buffer } {
  const idEnd = 2 + (envelope[1] ?? 0);
  if (envelope[0] !== FORMAT || envelope.length < idEnd + NONCE_BYTES + TAG_BYTES) throw unreadable();
  return {
    keyId: envelope.toString('utf8', 2, idEnd),
    nonce: envelope.subarray(idEnd, idEnd + NONCE_BYTES),
    body: envelope.subarray(idEnd + NONCE_BYTES, envelope.length - TAG_BYTES),
    tag: envelope.subarray(envelope.length - TAG_BYTES),
  };
}

function unreadable(cause?: unknown): RollcallError {
  return new RollcallError('secret.unreadable', 'A stored secret cannot be opened; enter it again.', undefined, {
    cause,
  });
}
