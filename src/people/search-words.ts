import { foldName, searchTokens } from '../common/fold.js';
import type { PersonRow } from './people.types.js';

const LONGEST_WORD = 64;
const MOST_WORDS_TYPED = 8;

/**
 * The words that a person is found by: those of the names, of the local part of the address, and the address whole. Its
 * domain gives no words of its own: nearly everybody in an organisation has the same.
 */
export function searchWords(person: Pick<PersonRow, 'firstName' | 'lastName' | 'emailCanonical'>): string[] {
  const local = person.emailCanonical.slice(0, person.emailCanonical.lastIndexOf('@'));
  const words = new Set(searchTokens(person.firstName, person.lastName, local));
  words.add(cut(foldName(person.emailCanonical)));
  return [...words];
}

/** What somebody typed, as the beginnings of words; each of them must match. */
export function typedWords(text: string): string[] {
  const words = new Set<string>();
  for (const part of foldName(text).split(' ')) {
    if (part.includes('@')) words.add(cut(part));
    else for (const word of searchTokens(part)) words.add(word);
  }
  return [...words].slice(0, MOST_WORDS_TYPED);
}

/** The first text after every one that begins with `word`, in order of code points. */
export function endOfRange(word: string): string {
  return `${word}\u{10FFFF}`;
}

function cut(word: string): string {
  return [...word].slice(0, LONGEST_WORD).join('');
}
