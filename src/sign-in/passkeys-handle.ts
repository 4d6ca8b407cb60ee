import { isId } from '../common/ids.js';

const BYTES = 32;

/** What a passkey knows its owner by: the ids of the organisation and of the person. It names them and proves nothing. */
export function userHandle(organisationId: string, personId: string): Buffer {
  return Buffer.from(`${organisationId}${personId}`.replaceAll('-', ''), 'hex');
}

/** Null when it is none of ours. */
export function readUserHandle(text: string | null | undefined): { organisationId: string; personId: string } | null {
  const read = Buffer.from(text ?? '', 'base64url');
  if (read.length !== BYTES || read.toString('base64url') !== text) return null;
  const [organisationId, personId] = [idOf(read.subarray(0, 16)), idOf(read.subarray(16))];
  return isId(organisationId) && isId(personId) ? { organisationId, personId } : null;
}

function idOf(half: Buffer): string {
  return half.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
}
