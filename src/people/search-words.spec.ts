import { describe, expect, it } from '@jest/globals';
import { endOfRange, searchWords, typedWords } from './search-words.js';

const stored = (firstName: string | null, lastName: string | null, emailCanonical: string) =>
  searchWords({ firstName, lastName, emailCanonical });

describe('search words', () => {
  it('are the folded words of names and local part', () => {
    expect(stored('José', "O'Neill-Łuk", 'j.oneill@example.com')).toEqual(
      expect.arrayContaining(['jose', 'neill', 'luk', 'j', 'oneill']),
    );
  });

  it('leave out the domain, which nearly everybody has', () => {
    expect(stored('Ana', null, 'ana@example.com')).toEqual(['ana']);
  });

  it.each([
    ['ana sil', 'ana.silva@example.com', true],
    ['SÍLVA', 'ana.silva@example.com', true],
    ['ana.silva@ex', 'ana.silva@example.com', true],
    ['ANA.Silva@EX', 'ana.silva@example.com', true],
    ['silva@ex', 'ana.silva@example.com', false],
    ['silva ana.silva@ex', 'ana.silva@example.com', true],
    ['ana silvb', 'ana.silva@example.com', false],
    ['example', 'ana.silva@example.com', false],
  ])('%s finds %s: %s', (typed, address, found) => {
    const words = stored('Ana', 'Silva', address);
    const matches = (texts: string[]) => (begin: string) =>
      texts.some((one) => one >= begin && one < endOfRange(begin));
    const typedOnes = typedWords(typed);
    expect(typedOnes.words.every(matches(words)) && typedOnes.addresses.every(matches([address]))).toBe(found);
  });

  it('are at most eight of what was typed', () => {
    expect(typedWords('a b c d e f g h i j k').words).toHaveLength(8);
  });
});
