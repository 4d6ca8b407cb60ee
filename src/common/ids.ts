import { hash } from 'node:crypto';
import { v7, validate } from 'uuid';

/** Makes ids. A parameter where tests must know them. */
export type NewId = () => string;

/** A UUID of version 7: unique without asking anybody, and in order of time, so that indexes grow at one end. */
export const newId: NewId = () => v7();

/**
 * The same id for the same name under the same id, on any machine and at any time: a UUID of version 8 (RFC 9562), made of
 * a hash.
 */
export function derivedId(under: string, name: string): string {
  const hex = hash('sha256', `${under}\n${name}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** True for any UUID in its canonical text form. */
export function isId(text: string): boolean {
  return validate(text) && text === text.toLowerCase();
}
