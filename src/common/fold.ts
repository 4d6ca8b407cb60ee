/**
 * Letters that Unicode does not take apart into a base and a mark, though people type the base for them; and the sigma that
 * ends a word, for what ends one in a name need not end one in what is typed.
 */
const UNDECOMPOSED: Record<string, string> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ħ: 'h',
  ı: 'i',
  ς: 'σ',
};
const UNDECOMPOSED_PATTERN = new RegExp(`[${Object.keys(UNDECOMPOSED).join('')}]`, 'gu');

/** Most names are plain; what is below would leave them as they are, but for case, and takes twenty times as long. */
const PLAIN = /^[\x20-\x7e]*$/u;

function foldLetters(raw: string): string {
  if (PLAIN.test(raw)) return raw.toLowerCase();
  let folded = raw;
  // Case mappings can bring new marks and marks can hide case; two rounds settle all of Unicode, the third proves it.
  for (let round = 0; round < 3; round++) {
    const next = folded.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();
    if (next === folded) break;
    folded = next;
  }
  return folded
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(UNDECOMPOSED_PATTERN, (letter) => UNDECOMPOSED[letter] ?? letter);
}

/**
 * The form in which names of teams, frameworks, positions, titles and aliases are compared: compatibility forms
 * and marks taken off, case folded, every run of spaces and invisible characters one space.
 */
export function foldName(raw: string): string {
  return foldLetters(raw.replace(/[\p{Z}\p{Cc}\p{Cf}]+/gu, ' '))
    .replace(/\s+/gu, ' ')
    .trim();
}

/** At most this many words of one person are searched by. */
const MOST_TOKENS = 32;
const LONGEST_TOKEN = 64;

/**
 * The words that somebody is found by, folded, each once, in order. Used for what is stored and for what is typed
 * alike, so that both agree.
 */
export function searchTokens(...raw: (string | null | undefined)[]): string[] {
  const tokens = new Set<string>();
  for (const text of raw) {
    if (!text) continue;
    const folded = foldName(text);
    for (const word of folded.split(/[^\p{L}\p{N}]+/u))
      if (word !== '') tokens.add([...word].slice(0, LONGEST_TOKEN).join(''));
  }
  return [...tokens].slice(0, MOST_TOKENS);
}
