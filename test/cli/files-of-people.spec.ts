import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Console } from './console.js';

let console: Console;
let folder: string;
beforeAll(async () => {
  console = await Console.open();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-files-'));
  await console.json('organisation', 'create', 'Acme', '--slug', 'acme');
});
afterAll(async () => {
  await console[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const file = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const people = async (): Promise<string[]> =>
  (await console.json<{ items: { email: string; state: string }[] }>('person', 'list', '-o', 'acme')).items
    .map(({ email, state }) => `${email} ${state}`)
    .sort();

describe('rollcall import and export', () => {
  it('shows first, applies with --yes, and what is exported comes back as no change', async () => {
    const staff = await file(
      'staff.csv',
      'email,first_name,account_active,team\nada@acme.example,Ada,Active,Apps\nbo@acme.example,Bo,Pending,\n',
    );
    const shown = await console.rollcall('import', staff, '-o', 'acme', '--preview');
    expect([shown.code, shown.err.includes('fault')]).toEqual([0, false]);
    expect(shown.out).toContain('staff.csv');
    expect(shown.out).toContain('Not here, and made with --create-teams: Apps');
    expect(shown.out).toContain('1 person would be invited by mail');
    expect(shown.out).toContain('Nothing was changed.');
    expect(await people()).toEqual([]);
    const done = await console.rollcall('import', staff, '-o', 'acme', '--yes', '--create-teams');
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('2 added')]);
    expect(await people()).toEqual(['ada@acme.example active', 'bo@acme.example pending']);
    const out = join(folder, 'out.csv');
    expect((await console.rollcall('export', '-o', 'acme', '--out', out)).code).toBe(0);
    expect(await readFile(out, 'utf8')).toContain('ada@acme.example,Ada,,Active,,Apps,,no\r\n');
    const again = await console.json<{ state: string; unchanged: number }>('import', out, '-o', 'acme', '--yes');
    expect(again).toMatchObject({ state: 'applied', unchanged: 2 });
    expect((await console.rollcall('export', '-o', 'acme', '--template')).out).toContain('person.1@example.com');
  });

  it('says where a file goes wrong, row by row or whole', async () => {
    const faulty = await file('faulty.csv', 'email,admin\ncy@acme.example,perhaps\ndee@acme.example,no\n');
    const shown = await console.rollcall('import', faulty, '-o', 'acme');
    expect(shown.out).toContain('line 2, admin  cy@acme.example  Write yes or no, or leave it empty.');
    const chosen = await console.rollcall('import', faulty, '-o', 'acme', '--create-teams', '--clear-empty', 'team');
    expect(chosen.out).toContain(` -o acme --yes --create-teams --clear-empty team --leave-out-faulty\n`);
    const refused = await console.rollcall('import', faulty, '-o', 'acme', '--yes');
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('1 rows have faults')]);
    expect((await console.rollcall('import', faulty, '-o', 'acme', '--yes', '--leave-out-faulty')).code).toBe(0);
    expect(await people()).toContain('dee@acme.example pending');
    const whole = await console.rollcall('import', await file('bad.csv', 'email\n"ana'), '-o', 'acme');
    expect([whole.code, whole.out]).toEqual([6, expect.stringContaining('The file is refused whole.')]);
    expect((await console.rollcall('import', join(folder, 'none.csv'), '-o', 'acme')).code).toBe(2);
  });
});

describe('rollcall invite', () => {
  it('says what would become of each, and invites those who can be', async () => {
    const list = ['eve@acme.example, "Fay Lind" <fay@acme.example>', 'nobody', 'ada@acme.example'];
    const checked = await console.json<{ items: { email: string; standing: string }[] }>(
      'invite',
      ...list,
      '-o',
      'acme',
      '--check',
    );
    expect(checked.items.map(({ standing }) => standing)).toEqual(['new', 'new', 'invalid', 'invited']);
    const invited = await console.json<{ items: { result: string; lastName: string | null }[] }>(
      'invite',
      ...list,
      '-o',
      'acme',
      '--later',
    );
    expect(invited.items.map(({ result, lastName }) => [result, lastName])).toEqual([
      ['invited', null],
      ['invited', 'Lind'],
      ['invalid', null],
      ['invited_before', null],
    ]);
    expect(await people()).toContain('fay@acme.example pending');
  });
});
