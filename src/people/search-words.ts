import { foldCase } from '../common/email.js';
import { searchTokens } from '../common/fold.js';
import type { PersonRow } from './people.types.js';

/** No address is longer (RFC 5321). */
const LONGEST_ADDRESS = 254;
const MOST_WORDS_TYPED = 8;
const MOST_ADDRESSES_TYPED = 2;

/**
 * The words that a person is found by: those of the names and of the local part of the address. Its domain gives no words:
 * nearly everybody in an organisation has the same. An address is looked up as itself.
 */
export function searchWords(person: Pick<PersonRow, 'firstName' | 'lastName' | 'emailCanonical'>): string[] {
  const local = person.emailCanonical.slice(0, person.emailCanonical.lastIndexOf('@'));
  return searchTokens(person.firstName, person.lastName, local);
}

/** What somebody typed: beginnings of words, and of addresses where there is an @. Each of them must match. */
export interface Typed {
  words: string[];
  addresses: string[];
}

export function typedWords(text: string): Typed {
  const words = new Set<string>();
  const addresses = new Set<string>();
  for (const part of text.split(/\s+/u)) {
    if (part.includes('@')) addresses.add(cut(foldCase(part)));
    else for (const word of searchTokens(part)) words.add(word);
  }
  return { words: [...words].slice(0, MOST_WORDS_TYPED), addresses: [...addresses].slice(0, MOST_ADDRESSES_TYPED) };
}

/** The first text after every one that begins with `word`, in order of code points. */
export function endOfRange(word: string): string {
  return `${word}\u{10FFFF}`;
}

function cut(word: string): string {
  return [...word].slice(0, LONGEST_ADDRESS).join('');
}
