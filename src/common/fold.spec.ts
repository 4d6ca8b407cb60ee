import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldName, searchTokens } from './fold.js';

describe('foldName', () => {
  it.each([
    ['  Senior   Engineer ', 'senior engineer'],
    ['Développement', 'developpement'],
    ['ＳＡＬＥＳ', 'sales'],
    ['Straße', 'strasse'],
    ['Łódź', 'lodz'],
    ['İstanbul', 'istanbul'],
    ['Sales\u00a0EMEA', 'sales emea'],
    ['Sales\u200bEMEA', 'sales emea'],
    ['营业部', '营业部'],
    ['R&D', 'r&d'],
    ['ﬁnance', 'finance'],
  ])('%j is %j', (raw, folded) => {
    expect(foldName(raw)).toBe(folded);
  });

  it('is idempotent, and blind to case and form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (raw) => {
        const folded = foldName(raw);
        expect(foldName(folded)).toBe(folded);
        expect(foldName(raw.normalize('NFD'))).toBe(folded);
        expect(foldName(` ${raw}\t`)).toBe(folded);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('searchTokens', () => {
  it('takes names apart into words, each once', () => {
    expect(searchTokens('Ana-María', 'Núñez Lima', null, 'ana')).toEqual(['ana', 'maria', 'nunez', 'lima']);
  });

  it('knows an address by its parts and as a whole', () => {
    expect(searchTokens('ana.lima@example.com')).toEqual(['ana', 'lima', 'example', 'com']);
  });

  it('knows one sigma, wherever it stands', () => {
    expect(searchTokens('Νίκος ΝΊΚΟΣ νικοσ')).toEqual(['νικοσ']);
    expect(searchTokens('\u{104b0}˒Ϲ').flatMap((token) => searchTokens(token))).toEqual(searchTokens('\u{104b0}˒Ϲ'));
  });

  it('finds by what is typed what was stored', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (name) => {
        for (const token of searchTokens(name)) expect(searchTokens(token)).toContain(token);
      }),
      { numRuns: 2_000 },
    );
  });
});
