import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { allOf, faultOf, readWhole } from '../../../test/support/csv.js';
import { cellText } from './cells.js';
import { FILE_FIELDS } from './header.js';
import { writeCsv, writePeople, type PersonCells } from './write-csv.js';

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  return (await allOf(parts)).join('');
}

describe('writeCsv', () => {
  it('V-14: writes UTF-8 with its mark, CRLF, quotes where they are needed, and no formula', async () => {
    const text = await textOf(
      writeCsv(
        ['name', 'n'],
        [
          [['Meier, "Max"', 1]],
          [],
          [
            ['=1+1', 2],
            ['two\nlines', 3],
            ['a;b\tc', null],
          ],
        ],
      ),
    );
    expect(text).toBe('\ufeffname,n\r\n"Meier, ""Max""",1\r\n\'=1+1,2\r\n"two\nlines",3\r\n"a;b\tc",\r\n');
  });

  it('V-14: whatever is in it, every cell is one, and none begins like a formula', async () => {
    const cell = fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n ,;"\'’\ufeff＝A1'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 }), async (rows) => {
        const text = await textOf(writeCsv(['a', 'b'], [rows]));
        const read = parse(text, { bom: true, record_delimiter: '\r\n' });
        expect(read.slice(1).map((row) => row.length)).toEqual(rows.map(() => 2));
        expect(read.flat().filter((one) => /^[=+\-@\t\r\n＝]/u.test(one))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('writePeople', () => {
  it('writes all eight columns', async () => {
    expect(await textOf(writePeople([[{ email: 'ana@example.com', admin: 'yes', team: null }]]))).toBe(
      '\ufeffemail,first_name,last_name,account_active,position,team,manager_email,admin\r\nana@example.com,,,,,,,yes\r\n',
    );
  });

  it('is read back as it was written, whatever people are called', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'=+-@ ,;"\'’＝A1'), maxLength: 6 }),
    );
    // What a person can be called: nothing that cannot be seen, nothing around it.
    const person = fc
      .record(
        Object.fromEntries(
          FILE_FIELDS.map((field) => [field, value.map((text) => cellText(`x${text}`).slice(1).trim())]),
        ),
      )
      .map((cells): PersonCells => ({ ...cells, email: `${cells['email'] ?? ''}@example.com` }));
    await fc.assert(
      fc.asyncProperty(fc.array(person, { maxLength: 5 }), async (people) => {
        const bytes = Buffer.from(await textOf(writePeople([people])));
        expect(await faultOf(bytes)).toBeNull();
        const { rows } = await readWhole(bytes);
        expect(rows.map(({ cells }) => cells)).toEqual(people);
      }),
      { numRuns: 2_000 },
    );
  });
});
