import { describe, expect, it } from '@jest/globals';
import { allOf, chunksOf, faultOf, LIMITS, readWhole } from '../../../test/support/csv.js';
import { FileFault } from './errors.js';
import { readCsv } from './read-csv.js';

const signal = new AbortController().signal;

function people(count: number): Buffer {
  const rows = Array.from({ length: count }, (_, at) => `p${at}@example.com,P${at}\n`);
  return Buffer.from(`email,first_name\n${rows.join('')}`);
}

describe('readCsv', () => {
  it('gives the head before any row was asked for, and pages of at most 1,000', async () => {
    const { head, rows } = readCsv(chunksOf(people(4_500), 1_000), { limits: LIMITS, signal });
    expect(await head).toMatchObject({ encoding: 'utf-8', delimiter: ',' });
    const sizes: number[] = [];
    for await (const page of rows) sizes.push(page.length);
    expect(sizes).toEqual([1_000, 1_000, 1_000, 1_000, 500]);
  });

  it('gives a head and no rows where nobody is in the file', async () => {
    expect(await readWhole(Buffer.from('email;team'))).toEqual({
      head: {
        encoding: 'utf-8',
        delimiter: ';',
        columns: [
          { name: 'email', field: 'email' },
          { name: 'team', field: 'team' },
        ],
      },
      rows: [],
    });
  });

  it('tells the same fault to who asks for the rows alone', async () => {
    const { rows } = readCsv(chunksOf(Buffer.from('name\n'), 9), { limits: LIMITS, signal });
    await expect(allOf(rows)).rejects.toThrow(FileFault);
  });

  it('reads no further than it was asked to, and closes what it read from', async () => {
    const file = people(200_000);
    let given = 0;
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of chunksOf(file, 64 * 1024)) {
          given += chunk.length;
          yield chunk;
        }
      } finally {
        closed = true;
      }
    }
    for await (const page of readCsv(source(), { limits: LIMITS, signal }).rows) {
      expect(page).toHaveLength(1_000);
      break;
    }
    expect(given).toBeLessThan(4 * 64 * 1024);
    expect(closed).toBe(true);
  });

  it('closes what it read from when the header is refused', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield await Promise.resolve(Buffer.from('email,id\n'));
        yield Buffer.from('x');
      } finally {
        closed = true;
      }
    }
    await expect(readCsv(source(), { limits: LIMITS, signal }).head).rejects.toThrow(FileFault);
    expect(closed).toBe(true);
  });

  it('ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const { rows } = readCsv(chunksOf(people(50_000), 1_000), { limits: LIMITS, signal: controller.signal });
    const read = async (): Promise<void> => {
      for await (const _page of rows) controller.abort(new Error('stopped by hand'));
    };
    await expect(read()).rejects.toThrow('stopped by hand');
  });

  it('lets others have their turn between slices', async () => {
    let turns = 0;
    let over = false;
    const others = (): void => {
      turns += 1;
      if (!over) setImmediate(others);
    };
    setImmediate(others);
    // All of it at once: nothing that reads it has to wait for anything.
    await readWhole(people(50_000), { chunk: 1 << 30 });
    over = true;
    expect(turns).toBeGreaterThan(people(50_000).length / 65_536 - 1);
  });

  it('passes on what the source of the bytes ends with', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('email\nana@example.com\n');
      await Promise.resolve();
      throw new Error('the file is gone');
    }
    await expect(allOf(readCsv(source(), { limits: LIMITS, signal }).rows)).rejects.toThrow('the file is gone');
  });
});

describe('the limits of a file', () => {
  it('V-07: 250,000 rows, and the one after is named', async () => {
    const limits = { ...LIMITS, rows: 3 };
    expect((await readWhole(people(3), { limits })).rows).toHaveLength(3);
    expect((await faultOf(people(4), { limits }))?.message).toBe(
      'Line 5: this is one row more than the 3 that a file may have.',
    );
  });

  it('V-07: 64 columns, 64 KiB in each of them, quotes and all', async () => {
    const names = ['email', ...Array.from({ length: 63 }, (_, at) => `c${at}`)];
    const longest = `"${'""'.repeat(64 * 1024)}"`;
    const file = Buffer.from(
      `${names.join(',')}\n${['ana@example.com', ...names.slice(1).map(() => longest)].join(',')}\n`,
    );
    expect((await readWhole(file)).rows).toHaveLength(1);
  });

  it('V-07: 64 KiB are counted in bytes', async () => {
    const file = (letters: number): Buffer => Buffer.from(`email,team\nana@example.com,${'ö'.repeat(letters)}\n`);
    expect(await faultOf(file(32 * 1024))).toBeNull();
    expect(await faultOf(file(32 * 1024 + 1))).toMatchObject({ code: 'value_too_long', line: 2, column: 'team' });
  });

  it('V-07: a quote that is never closed does not fill the memory', async () => {
    const file = Buffer.from(`email,team\nana@example.com,"${'x,\n'.repeat(500_000)}`);
    expect(await faultOf(file)).toMatchObject({
      code: 'row_too_long',
      line: 2,
      message: 'Line 2: a row begins here that has no end for 384 KiB; probably a quote is not closed.',
    });
  });

  it('V-07: a row of nothing but separators does not fill the memory', async () => {
    const file = Buffer.from(`email,team\n\nana@example.com,${','.repeat(200_000)}`);
    expect(await faultOf(file)).toMatchObject({
      code: 'ragged',
      line: 3,
      message: 'Line 3: there are more values than the header has columns, which is 2.',
    });
  });

  it('V-07: a header that does not end is not waited for', async () => {
    expect(await faultOf(Buffer.from(`email,"${'x\n'.repeat(200_000)}`))).toMatchObject({ code: 'no_header', line: 1 });
  });

  it('takes any number of blank lines for nothing', async () => {
    const { rows } = await readWhole(Buffer.from(`email\n${'\n'.repeat(300_000)}ana@example.com\n`));
    expect(rows).toEqual([{ line: 300_002, cells: { email: 'ana@example.com' } }]);
  });
});
