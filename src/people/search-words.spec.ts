import { describe, expect, it } from '@jest/globals';
import { endOfRange, searchWords, typedWords } from './search-words.js';

const stored = (firstName: string | null, lastName: string | null, emailCanonical: string) =>
  searchWords({ firstName, lastName, emailCanonical });

describe('search words', () => {
  it('are the folded words of names and local part, and the address whole', () => {
    expect(stored('José', "O'Neill-Łuk", 'j.oneill@example.com')).toEqual(
      expect.arrayContaining(['jose', 'neill', 'luk', 'j', 'oneill', 'j.oneill@example.com']),
    );
  });

  it('leave out the domain, which nearly everybody has', () => {
    expect(stored('Ana', null, 'ana@example.com')).toEqual(['ana', 'ana@example.com']);
  });

  it.each([
    ['ana sil', 'ana.silva@example.com', true],
    ['SÍLVA', 'ana.silva@example.com', true],
    ['ana.silva@ex', 'ana.silva@example.com', true],
    ['ana silvb', 'ana.silva@example.com', false],
    ['example', 'ana.silva@example.com', false],
  ])('%s finds %s: %s', (typed, address, found) => {
    const words = stored('Ana', 'Silva', address);
    const matches = typedWords(typed).every((word) => words.some((one) => one >= word && one < endOfRange(word)));
    expect(matches).toBe(found);
  });

  it('are at most eight of what was typed', () => {
    expect(typedWords('a b c d e f g h i j k')).toHaveLength(8);
  });
});
