import stringWidth from 'string-width';

// A directory can put anything into a name; a terminal must not act on it.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others, made harmless for a terminal. */
export function plain(text: string): string {
  return text.replace(CONTROL, '�');
}

/** One of many: `1 person`, `1,000 people`. */
export function many(number: number, one: string, more: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : more}`;
}

/** Cut to so many columns, with an ellipsis, and made harmless for a terminal. */
export function fitted(text: string, width: number): string {
  const harmless = plain(text);
  if (stringWidth(harmless) <= width) return harmless;
  let cut = '';
  for (const { segment } of LETTERS.segment(harmless)) {
    if (stringWidth(cut + segment) > width - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

const LETTERS = new Intl.Segmenter('en');

export function padded(text: string, width: number): string {
  const fit = fitted(text, width);
  return fit + ' '.repeat(Math.max(0, width - stringWidth(fit)));
}

/** Rows of at most so many columns; a word that is wider stands alone, whole. */
export function folded(text: string, width: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(' ')) {
    const last = rows.at(-1);
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= width)
      rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}

/** An instant as people read it, to the minute, in UTC as the log has it: `2026-04-05 13:02`. */
export function minute(instant: string | null): string {
  return instant === null ? '–' : instant.slice(0, 16).replace('T', ' ');
}

/** How long ago, in one unit: `now`, `5 min ago`, `3 h ago`, `2 days ago`. */
export function ago(instant: string | null, now: Date): string {
  if (instant === null) return 'never';
  const minutes = Math.floor((now.getTime() - Date.parse(instant)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 120) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`;
}

export function second(instant: string | null): string {
  return instant === null ? '–' : instant.slice(0, 19).replace('T', ' ');
}

/** A value of a field, in one word or a few. */
export function shortly(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
