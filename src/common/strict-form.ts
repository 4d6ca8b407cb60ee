import { RollcallError } from './errors.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a form (`application/x-www-form-urlencoded`) that a stranger sent: UTF-8, every name once, and only text that a
 * database can hold.
 *
 * @throws {RollcallError} of the `request.` family, naming what was wrong but never what was sent.
 */
export function parseStrictForm(bytes: Uint8Array): Record<string, string> {
  const fields = new Map<string, string>();
  for (const pair of decoded(() => decoder.decode(bytes)).split('&')) {
    if (pair === '') continue;
    const [name, value] = [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)].map(toText);
    if (name === undefined || value === undefined || !pair.includes('=')) throw malformed();
    if (fields.has(name)) throw new RollcallError('request.duplicate_member', 'The body names a field twice.');
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

function toText(part: string): string {
  const text = decoded(() => decodeURIComponent(part.replaceAll('+', ' ')));
  if (text.includes('\0')) throw malformed();
  return text;
}

function decoded(read: () => string): string {
  try {
    return read();
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(cause?: unknown): RollcallError {
  return new RollcallError('request.malformed', 'The body is not a form in UTF-8.', undefined, { cause });
}
