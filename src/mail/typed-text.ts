const LONGEST = 100;

/**
 * Text that somebody typed, as it may stand in a mail: one line of at most 100 characters, nothing invisible, and
 * nothing that a mail program makes a link of by itself. A word joiner, which is not seen, breaks what looks like an address.
 */
export function typedText(text: string): string {
  const line = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
  const characters = [...line];
  const cut = characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : line;
  return cut.replace(/([.:/@\\])(?=\S)/gu, '$1\u2060');
}
