import type { AttributeValue } from '../sync/model.js';

/** Characters a field may have. Longer is a fault of that record: cut text would be somebody else's name. */
export const LENGTHS = {
  externalId: 128,
  email: 320,
  name: 256,
  text: 512,
  employeeNumber: 128,
  extra: 4_096,
} as const;

/** Entries that a list-valued extra may have. */
export const EXTRA_ENTRIES = 200;

/** Anything that a plain name does not have: controls, lone surrogates, direction overrides, line separators. */
// eslint-disable-next-line no-control-regex
const UNUSUAL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/;

const BLANKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
// eslint-disable-next-line no-control-regex
const REMOVED = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]+/g;

/** Why a value cannot be taken: a sentence about the record, without the value itself. */
export class Fault extends Error {
  override readonly name = 'Fault';
}

/**
 * Cleans text: line ends and tabs become a blank, other control characters and direction overrides go (so PostgreSQL
 * never sees NUL and no name turns a log line around), a lone surrogate becomes U+FFFD, blanks around are trimmed.
 */
export function cleanText(text: string): string {
  if (!UNUSUAL.test(text)) return text.trim();
  return text.toWellFormed().replace(BLANKS, ' ').replace(REMOVED, '').trim();
}

/**
 * A text attribute as a directory gives it: cleaned; missing, null and blank are all null. A number is taken as text.
 *
 * @param field Name of the attribute, for the sentence.
 * @throws {Fault} when it is no text or longer than `longest` characters.
 */
export function textValue(value: unknown, field: string, longest: number = LENGTHS.text): string | null {
  if (typeof value === 'string') {
    // Measured before cleaning, so that a 10 MB value costs nothing.
    if (value.length > longest) throw new Fault(`Its ${field} is longer than ${longest} characters.`);
    const clean = cleanText(value);
    return clean === '' ? null : clean;
  }
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw new Fault(`Its ${field} is not text.`);
}

/**
 * The value of a mapped extra.
 *
 * @throws {Fault} when it is a structure, too long, or a number out of range.
 */
export function extraValue(value: unknown, field: string): AttributeValue {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new Fault(`Its ${field} is a number out of range.`);
      return value;
    case 'string':
      return textValue(value, field, LENGTHS.extra);
    default:
      break;
  }
  if (value === null) return null;
  if (!Array.isArray(value)) throw new Fault(`Its ${field} is a structure, not a value.`);
  if (value.length > EXTRA_ENTRIES) throw new Fault(`Its ${field} has more than ${EXTRA_ENTRIES} entries.`);
  return value.flatMap((entry: unknown) => {
    const text = typeof entry === 'boolean' ? String(entry) : textValue(entry, field, LENGTHS.extra);
    return text === null ? [] : [text];
  });
}

const ID = /^[A-Za-z0-9_-]+$/;

/** A directory's permanent id as we accept it: 1 to 128 letters, digits, `_` and `-`. Null for anything else. */
export function usableId(value: unknown): string | null {
  return typeof value === 'string' && value.length <= LENGTHS.externalId && ID.test(value) ? value : null;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** A time of 1971 to 8999 as directories mostly write it, which is as we do; there are as many as people. */
const USUAL =
  /^(?:197[1-9]|19[89]\d|[2-8]\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** A time as ISO 8601 in UTC; null when it is missing, unreadable, or 1970 and before ("never"), or after 9998. */
export function instantValue(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  if (USUAL.test(value)) return value;
  if (!INSTANT.test(value)) return null;
  const time = Date.parse(value);
  if (Number.isNaN(time) || time < YEAR_1971 || time >= YEAR_9999) return null;
  // As directories mostly write it, which is as we do.
  return value.length === 24 && value.endsWith('Z') ? value : new Date(time).toISOString();
}

const YEAR_1971 = Date.UTC(1971, 0);
const YEAR_9999 = Date.UTC(9999, 0);

/** What something is called, made harmless and of a length that fits a line. */
export function nameOr(name: unknown, otherwise: string): string {
  const text = typeof name === 'string' ? cleanText(name).slice(0, 256) : '';
  return text === '' ? otherwise : text;
}
