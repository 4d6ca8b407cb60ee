import { cleanText } from '../text.js';
import { plainOf } from './formulas.js';

// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

/** What nearly all cells are: nothing to trim, nothing to put into NFC, no apostrophe to take off. */
const PLAIN = /^[A-Za-z0-9](?:[ -~]*[!-~])?$/;

/** The first control character but tab and line end, which no text of a person has. Null when there is none. */
export function controlIn(text: string): string | null {
  return CONTROL.exec(text)?.[0] ?? null;
}

export function controlName(character: string): string {
  if (character === '\0') return 'a NUL character';
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `a control character (U+${code})`;
}

/** A cell as a person would say it: one line, without the apostrophe of our export and blanks around, in NFC. */
export function cellText(cell: string): string {
  if (PLAIN.test(cell)) return cell;
  return cleanText(plainOf(cleanText(cell))).normalize('NFC');
}

/** Whether a cell takes more than so many bytes in UTF-8. */
export function isLonger(cell: string, bytes: number): boolean {
  return cell.length > bytes || (cell.length * 3 > bytes && Buffer.byteLength(cell) > bytes);
}
