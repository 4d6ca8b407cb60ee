const LONGEST = 100;
const LONGEST_MESSAGE = 2_000;
const MOST_LINES = 40;

/**
 * Text that somebody typed, as it may stand in a mail: one line of at most 100 characters, nothing invisible, and
 * nothing that a mail program makes a link of by itself. A word joiner, which is not seen, breaks what looks like an address.
 */
export function typedText(text: string): string {
  return broken(cut(oneLine(text), LONGEST));
}

/**
 * The same of what may have several lines: at most 2,000 characters and 40 lines; the breaks between them are kept, each
 * as one line feed.
 */
export function typedLines(text: string): string {
  return cut(text, LONGEST_MESSAGE)
    .split(/\r\n|[\n\r\u2028\u2029\u0085\v\f]/u, MOST_LINES)
    .map((line) => broken(oneLine(line)))
    .join('\n')
    .replace(/\n{3,}/gu, '\n\n')
    .trim();
}

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

/** Sets typed text apart, so that its direction of writing turns nothing around it. */
export function isolated(text: string): string {
  return `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}`;
}

/** For where there is nothing around it, or where no program knows isolates: a subject. */
export function withoutIsolates(text: string): string {
  return text.replaceAll(FIRST_STRONG_ISOLATE, '').replaceAll(POP_ISOLATE, '');
}

/** Text in stretches: what was typed, and what is ours. Typed text has no isolates of its own any more. */
export function stretches(text: string): { typed: boolean; text: string }[] {
  return text
    .split(/(\u2068[^\u2069]*\u2069)/u)
    .filter((part) => part !== '')
    .map((part) => ({ typed: part.startsWith(FIRST_STRONG_ISOLATE), text: withoutIsolates(part) }));
}

function oneLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : text;
}

function broken(line: string): string {
  return line.replace(/([.:/@\\])(?=\S)/gu, '$1\u2060');
}
