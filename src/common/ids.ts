import { v5, v7, validate } from 'uuid';

/** Makes ids. A parameter where tests must know them. */
export type NewId = () => string;

/** A UUID of version 7: unique without asking anybody, and in order of time, so that indexes grow at one end. */
export const newId: NewId = () => v7();

/** The same id for the same name under the same id, on any machine and at any time (RFC 9562, version 5). */
export function derivedId(under: string, name: string): string {
  return v5(name, under);
}

/** True for any UUID in its canonical text form. */
export function isId(text: string): boolean {
  return validate(text) && text === text.toLowerCase();
}
