import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { RawRow } from './csv.types.js';
import { ADMIN_WORDS, contentOf, judgeRow, STATE_WORDS } from './row-values.js';

function judge(cells: RawRow['cells']): ReturnType<typeof judgeRow> {
  return judgeRow({ line: 7, cells: { email: 'ana@example.com', ...cells } });
}

describe('judgeRow', () => {
  it('says what the cells say, and nothing of a column that is not there', () => {
    expect(judgeRow({ line: 7, cells: { email: 'Ana@Example.com' } })).toEqual({
      row: { line: 7, email: 'Ana@Example.com', emailCanonical: 'ana@example.com', values: {} },
      faults: [],
    });
    expect(
      judge({
        firstName: 'Ana',
        lastName: '',
        state: 'ACTIVE',
        team: 'Apps',
        position: '',
        admin: 'Yes',
        manager: 'Ivo@example.com',
      }).row,
    ).toEqual({
      line: 7,
      email: 'ana@example.com',
      emailCanonical: 'ana@example.com',
      values: { firstName: 'Ana', lastName: null, state: 'active', team: 'Apps', position: null, admin: true },
      manager: 'ivo@example.com',
    });
    expect(judge({ state: '', admin: '', manager: '' }).row).toMatchObject({
      values: { state: null, admin: null },
      manager: null,
    });
  });

  it.each([
    ['Active', 'active'],
    ['pending', 'pending'],
    ['ARCHIVED', 'archived'],
    ['ａｃｔｉｖｅ', 'active'],
  ])('%s is a state', (state, meant) => {
    expect(judge({ state }).row?.values).toEqual({ state: meant });
  });

  it.each([
    ['yes', true],
    ['TRUE', true],
    ['1', true],
    ['no', false],
    ['False', false],
    ['0', false],
  ])('V-11: admin %s', (admin, meant) => {
    expect(judge({ admin }).row?.values).toEqual({ admin: meant });
  });

  it.each(['owner', 'admin', 'member', 'superuser', '2', '-', 'constructor', '__proto__'])(
    'V-11: admin %s is a fault of the row',
    (admin) => {
      expect(judge({ admin })).toEqual({
        row: null,
        faults: [{ field: 'admin', text: 'Write yes or no, or leave it empty.' }],
      });
    },
  );

  it.each(['inactive', 'deleted', 'aktiv', '1', '__proto__'])('the state %s is a fault of the row', (state) => {
    expect(judge({ state }).faults).toEqual([
      { field: 'state', text: 'Write Active, Pending or Archived, or leave it empty.' },
    ]);
  });

  it('names all that is wrong with a row', () => {
    const faults = judgeRow({
      line: 7,
      cells: {
        email: 'ana',
        firstName: 'x'.repeat(257),
        lastName: 'M\ufffdller',
        manager: 'a b@example.com',
        team: 'x'.repeat(513),
        admin: '?',
      },
    }).faults;
    expect(faults).toEqual([
      { field: 'email', text: 'This is no e-mail address.' },
      { field: 'firstName', text: 'This is longer than 256 characters.' },
      { field: 'lastName', text: 'A character of this was lost before the file came here; write it again.' },
      { field: 'team', text: 'This is longer than 512 characters.' },
      { field: 'admin', text: 'Write yes or no, or leave it empty.' },
      { field: 'manager', text: 'This is no e-mail address.' },
    ]);
  });

  it.each(['', undefined])('an address that is %j is missing', (email) => {
    expect(judgeRow({ line: 7, cells: email === undefined ? {} : { email } }).faults).toEqual([
      { field: 'email', text: 'There is no address.' },
    ]);
  });

  it('knows the words that we write', () => {
    for (const [state, word] of Object.entries(STATE_WORDS))
      expect(judge({ state: word }).row?.values).toEqual({ state });
    for (const [admin, word] of Object.entries(ADMIN_WORDS)) {
      expect(judge({ admin: word }).row?.values).toEqual({ admin: admin === 'true' });
    }
  });
});

describe('V-10: rows that say the same', () => {
  it('have the same content, whatever the address and the words are, and others have another', () => {
    const cells = fc.record(
      {
        firstName: fc.constantFrom('', 'Ana', 'null'),
        team: fc.constantFrom('', 'Ana', 'Apps'),
        state: fc.constantFrom('', 'active', 'ACTIVE', 'Pending'),
        manager: fc.constantFrom('', 'Ivo@example.com', 'ivo@EXAMPLE.com'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(cells, cells, (one, other) => {
        const [a, b] = [one, other].map((some) => judge(some).row);
        if (a === undefined || a === null || b === undefined || b === null) throw new Error('a row is faulty');
        const said = ({ values, manager = null }: typeof a): unknown => ({
          firstName: values.firstName ?? null,
          team: values.team ?? null,
          state: values.state ?? null,
          manager,
        });
        const same = JSON.stringify(said(a)) === JSON.stringify(said(b));
        expect(contentOf(a) === contentOf(b)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });
});
