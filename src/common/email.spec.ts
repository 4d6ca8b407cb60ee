import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import tr46 from 'tr46';
import { canonicalDomain, canonicalEmail, emailDomain } from './email.js';

describe('canonicalEmail', () => {
  it.each([
    ['ana@example.com', 'ana@example.com'],
    ['  Ana.Lima@Example.COM \t', 'ana.lima@example.com'],
    ["o'brien+tag@example.com", "o'brien+tag@example.com"],
    ['josé@example.com', 'josé@example.com'],
    ['jose\u0301@example.com', 'josé@example.com'],
    ['JOSÉ@EXAMPLE.COM', 'josé@example.com'],
    ['ΣΊΣΥΦΟΣ@example.com', 'σίσυφος@example.com'],
    ['STRASSE@example.com', 'strasse@example.com'],
    ['straße@example.com', 'strasse@example.com'],
    ['ana@bücher.example', 'ana@xn--bcher-kva.example'],
    ['ana@BÜCHER.example', 'ana@xn--bcher-kva.example'],
    ['ana@xn--bcher-kva.example', 'ana@xn--bcher-kva.example'],
    ['ana@faß.example', 'ana@xn--fa-hia.example'],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ['ana@example.com.', 'ana@example.com'],
    ['ana@ｅｘａｍｐｌｅ.com', 'ana@example.com'],
    ['under_score@example.com', 'under_score@example.com'],
    ['a@b.co', 'a@b.co'],
  ])('%s is %s', (raw, canonical) => {
    expect(canonicalEmail(raw)).toBe(canonical);
  });

  it.each([
    '',
    ' ',
    'ana',
    '@example.com',
    'ana@',
    'ana@localhost',
    'ana@@example.com',
    'a@b@example.com',
    '"ana"@example.com',
    'ana lima@example.com',
    'ana(comment)@example.com',
    'Ana <ana@example.com>',
    'ana@example.com,bob@example.com',
    'ana@example.com;',
    '.ana@example.com',
    'ana.@example.com',
    'a..b@example.com',
    'ana@-example.com',
    'ana@example-.com',
    'ana@exa_mple.com',
    'ana@example..com',
    'ana@127.0.0.1',
    'ana@[127.0.0.1]',
    'ana\n@example.com',
    'ana\u0000@example.com',
    'ana\u200b@example.com',
    'ana\u202e@example.com',
    'ana@exam ple.com',
    'ana\\@example.com',
    'a:b@example.com',
    'mailto:ana@example.com',
    '\ud800@example.com',
    'ana@xn--a.example',
  ])('%j is no address', (raw) => {
    expect(canonicalEmail(raw)).toBeNull();
  });

  it('keeps to the lengths of RFC 5321, counted in UTF-8', () => {
    const domain = `${'d'.repeat(63)}.${'e'.repeat(63)}.${'f'.repeat(57)}.com`;
    expect(canonicalEmail(`${'a'.repeat(64)}@example.com`)).not.toBeNull();
    expect(canonicalEmail(`${'a'.repeat(65)}@example.com`)).toBeNull();
    expect(canonicalEmail(`${'é'.repeat(32)}@example.com`)).not.toBeNull();
    expect(canonicalEmail(`${'é'.repeat(33)}@example.com`)).toBeNull();
    expect(canonicalEmail(`${'a'.repeat(254 - 1 - domain.length)}@${domain}`)).toHaveLength(254);
    expect(canonicalEmail(`${'a'.repeat(255 - 1 - domain.length)}@${domain}`)).toBeNull();
    expect(canonicalEmail(`a@${'d'.repeat(64)}.com`)).toBeNull();
    expect(canonicalEmail(`${'a'.repeat(1_000_000)}@example.com`)).toBeNull();
  });

  const character = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    fc.constantFrom('ß', 'ſ', 'İ', 'ı', 'ŉ', 'ǰ', 'ΐ', 'Σ', 'ς', 'ﬁ', '\u0345', 'K'),
  );
  const address = fc
    .tuple(
      fc.array(character, { minLength: 1, maxLength: 20 }),
      fc.constantFrom('Example.com', 'BÜCHER.example', 'faß.DE', '例子.广告'),
    )
    .map(([local, domain]) => `${local.join('')}@${domain}`);

  it('is idempotent for whatever it accepts', () => {
    fc.assert(
      fc.property(fc.oneof(address, fc.emailAddress(), fc.string({ unit: 'binary' })), (raw) => {
        const once = canonicalEmail(raw);
        if (once !== null) expect(canonicalEmail(once)).toBe(once);
      }),
      { numRuns: 5_000 },
    );
  });

  it('sees no difference in case, form or surrounding space', () => {
    fc.assert(
      fc.property(address, (raw) => {
        const canonical = canonicalEmail(raw);
        // In a domain ß is a letter of its own, whose capital form is another domain.
        if (canonical === null || raw.endsWith('faß.DE')) return;
        expect(canonicalEmail(` ${raw.toUpperCase()}\n`)).toBe(canonical);
        expect(canonicalEmail(raw.normalize('NFD'))).toBe(canonical);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a plain address for what it is in any case, however long its parts are', () => {
    const word = (maxLength: number) =>
      fc.string({ unit: fc.constantFrom('a', 'Z', '7', '-', '_', '+', '.', 'x', 'n'), minLength: 1, maxLength });
    const label = fc.oneof(word(6), fc.constantFrom('a', '1', 'com', 'xn--a', 'ab--c', 'a'.repeat(63), 'a'.repeat(64)));
    fc.assert(
      fc.property(
        fc.oneof(word(8), fc.constantFrom('a'.repeat(64), 'a'.repeat(65), '\u212a')),
        fc.array(label, { minLength: 1, maxLength: 5 }),
        (local, labels) => {
          const raw = `${local}@${labels.join('.')}`;
          // Blanks around are no part of it, and lead the long way round.
          expect(canonicalEmail(raw)).toBe(canonicalEmail(` ${raw} `));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('accepts every address that fast-check holds for one', () => {
    fc.assert(fc.property(fc.emailAddress(), (raw) => expect(canonicalEmail(raw)).toBe(raw.toLowerCase())));
  });
});

describe('canonicalDomain', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['bücher.example.', 'xn--bcher-kva.example'],
    ['localhost', null],
    ['10.0.0.1', null],
    ['a b.com', null],
    ['', null],
  ])('%s is %s', (raw, canonical) => {
    expect(canonicalDomain(raw)).toBe(canonical);
  });

  it('is what IDNA makes of it, plain or not', () => {
    const label = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'B', 'z', '0', '9', '-', 'x', 'n'), maxLength: 66 }),
      fc.constantFrom('xn--bcher-kva', 'XN--a', 'xn--', 'ſ', '\u212a', 'bücher', 'ab--c', '-a', 'a-', '1'),
    );
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), (labels) => {
        const raw = labels.join('.');
        const made = tr46.toASCII(raw.normalize('NFC').replace(/\.$/u, ''), {
          checkHyphens: false, checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true, transitionalProcessing: false, verifyDNSLength: true,
        }); // prettier-ignore
        const domain = canonicalDomain(raw);
        if (domain !== null) expect(domain).toBe(made);
        else if (made !== null) expect(made).toMatch(/^[^.]*$|(^|\.)-|-(\.|$)|(^|\.)\d+$/u);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the domain of a canonical address', () => {
    expect(emailDomain('ana@xn--bcher-kva.example')).toBe('xn--bcher-kva.example');
  });
});
