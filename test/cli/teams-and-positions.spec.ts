import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeCompany, serveOkta, type Company, type OktaSimulator } from '../simulators/index.ts';
import { Console, type Said } from './console.js';

/** An admin gives a company its teams and positions, each step on what the one before left. */
let shell: Console;
let company: Company;
let okta: OktaSimulator;

const OF = ['-o', 'acme'] as const;
const rollcall = (...args: string[]): Promise<Said> => shell.rollcall(...args, ...OF);
const list = async <T>(...args: string[]): Promise<T[]> => (await shell.json<{ items: T[] }>(...args, ...OF)).items;

beforeAll(async () => {
  shell = await Console.open();
  company = makeCompany({ people: 60, seed: 5, everybodyEmployed: true });
  okta = await serveOkta(company);
  await shell.json('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync');
  await shell.json(
    ...['connection', 'add', ...OF, '--provider', 'okta', '--name', 'Okta', '--credential', 'method=token'],
    ...['--credential', `orgUrl=${okta.url}`, '--credential', `token=${okta.credentials.apiToken}`],
  );
});
afterAll(async () => {
  await okta.close();
  await shell[Symbol.asyncDispose]();
});

describe('frameworks, teams and positions at the command line', () => {
  it('lists that are empty say what to do next', async () => {
    expect((await rollcall('framework', 'list')).out).toContain('rollcall framework create "Engineering" -o acme');
    expect((await rollcall('team', 'list')).out).toContain('rollcall team create "Sales" -o acme');
    expect((await rollcall('position', 'list')).out).toContain('rollcall position create "Engineer"');
    expect((await rollcall('alias', 'list')).out).toContain('There is no alias');
  });

  it('frameworks are made, shown, renamed', async () => {
    expect(await rollcall('framework', 'create', 'Enginering')).toMatchObject({ code: 0, out: 'Made Enginering.\n' });
    expect((await rollcall('framework', 'create', 'ENGINERING')).code).toBe(4);
    expect((await rollcall('framework', 'rename', 'enginering', 'Engineering')).out).toBe(
      'Enginering is now Engineering.\n',
    );
    expect((await rollcall('framework', 'show', 'engineering')).out).toContain('It has no position yet');
    expect((await rollcall('framework', 'create', ' ')).code).toBe(2);
  });

  it('positions are made in order of seniority, and moved', async () => {
    for (const name of ['Engineer', 'Senior Engineer'])
      expect((await rollcall('position', 'create', name, '-f', 'Engineering')).code).toBe(0);
    const first = await rollcall('position', 'create', 'Junior Engineer', '-f', 'Engineering', '--rank', '1');
    expect(first.out).toBe('Made Junior Engineer, number 1 of Engineering.\n');
    expect((await rollcall('position', 'set', 'Engineer', '--rename', 'Software Engineer')).out).toBe(
      'Engineer is now Software Engineer, number 2.\n',
    );
    const names = (await list<{ name: string }>('position', 'list', '-f', 'engineering')).map(({ name }) => name);
    expect(names).toEqual(['Junior Engineer', 'Software Engineer', 'Senior Engineer']);
    const shown = (await rollcall('framework', 'show', 'Engineering')).out;
    expect(shown).toMatch(/3 +Senior Engineer\n2 +Software Engineer\n1 +Junior Engineer/u);
    expect((await rollcall('position', 'set', 'Engineer')).code).toBe(2);
  });

  it('teams are made with a framework or without, and changed', async () => {
    expect((await rollcall('team', 'create', 'Platform', '-f', 'Engineering')).code).toBe(0);
    expect((await rollcall('team', 'create', 'Sales')).code).toBe(0);
    expect((await rollcall('team', 'list')).out).toMatch(/Platform +an admin +Engineering\nSales +an admin +–/u);
    expect((await rollcall('team', 'set', 'sales', '-f', 'Engineering', '--rename', 'Field sales')).out).toMatch(
      /team +Field sales[\s\S]*framework +Engineering/u,
    );
    expect((await rollcall('team', 'set', 'Field sales', '--no-framework')).out).toMatch(/framework +–/u);
    expect((await list('team', 'list', '-f', 'Engineering')).length).toBe(1);
    expect((await rollcall('framework', 'list')).out).toMatch(/Engineering +3 +Platform/u);
    expect((await rollcall('team', 'set', 'Field sales')).code).toBe(2);
  });

  it('what is not there is said with what there is: exit code 3', async () => {
    const missing = await rollcall('team', 'show', 'Plattform');
    expect([missing.code, missing.err]).toEqual([
      3,
      'There is no team "Plattform"; there are: "Field sales", "Platform".\n',
    ]);
    expect((await rollcall('framework', 'show', 'Nothing')).code).toBe(3);
    expect((await rollcall('position', 'create', 'X', '-f', 'Nothing')).code).toBe(3);
    const problem = JSON.parse((await rollcall('position', 'delete', 'Nobody', '--json')).err) as object;
    expect(problem).toMatchObject({ code: 'position.not_found' });
  });

  it('positions of one name are told apart by the framework', async () => {
    await rollcall('framework', 'create', 'Data');
    await rollcall('position', 'create', 'Senior Engineer', '-f', 'Data');
    const both = await rollcall('position', 'delete', 'Senior Engineer');
    expect([both.code, both.err]).toEqual([3, expect.stringMatching(/add -f with "(Data|Engineering)", "/u)]);
    expect((await rollcall('position', 'delete', 'Senior Engineer', '-f', 'Data')).out).toBe(
      'Deleted Senior Engineer.\n',
    );
    expect((await rollcall('framework', 'delete', 'Data')).code).toBe(0);
    expect((await rollcall('framework', 'delete', 'Engineering')).code).toBe(4);
  });

  it('aliases mean a team or a position, and each once', async () => {
    expect((await rollcall('alias', 'add', 'Vertrieb', '--team', 'Field sales')).out).toBe(
      'Vertrieb means Field sales.\n',
    );
    expect((await rollcall('alias', 'add', 'Vertrieb', '--team', 'Platform')).code).toBe(4);
    expect((await rollcall('alias', 'add', 'Vertrieb')).code).toBe(2);
    expect((await rollcall('alias', 'add', 'Vertrieb', '--position', 'Software Engineer')).code).toBe(0);
    expect((await rollcall('alias', 'list')).out).toMatch(/Vertrieb +position +Software Engineer \(Engineering\)/u);
    expect((await rollcall('alias', 'delete', 'vertrieb')).err).toContain('add --kind');
    expect((await rollcall('alias', 'delete', 'vertrieb', '--kind', 'position')).code).toBe(0);
    expect((await rollcall('alias', 'delete', 'vertrieb')).code).toBe(0);
    expect((await rollcall('alias', 'delete', 'vertrieb')).code).toBe(3);
  });

  it('a framework goes out as a file, and comes in elsewhere as it was', async () => {
    await shell.json('organisation', 'create', 'Birch', '--slug', 'birch');
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-framework-'));
    const file = join(folder, 'engineering.json');
    expect((await rollcall('framework', 'export', 'Engineering', '--out', file)).out).toBe(`Written to ${file}.\n`);
    const there = (...args: string[]): Promise<Said> => shell.rollcall('framework', ...args, '-o', 'birch');
    expect((await there('import', file, '--preview')).out).toMatch(/Engineering \(new\)[\s\S]*Nothing was changed\./u);
    expect((await there('list')).out).toContain('There is no framework yet');
    expect((await there('import', file)).out).toMatch(
      /new positions +Junior Engineer, Software Engineer, Senior Engineer/u,
    );
    expect((await there('import', file)).out).toBe('Engineering is here as the file has it: nothing to do.\n');
    expect((await there('export', 'Engineering')).out).toBe(await readFile(file, 'utf8'));
    await writeFile(file, '{"name": "X", "positions": {}}');
    const odd = await there('import', file);
    expect([odd.code, odd.err]).toEqual([2, expect.stringContaining('positions: ')]);
    await writeFile(file, 'Engineering');
    expect((await there('import', file)).err).toBe('The file is not JSON.\n');
    expect((await there('import', join(folder, 'none.json'))).code).toBe(2);
    await rm(folder, { recursive: true });
  });

  it('a title of the inbox is settled by saying which position it means', async () => {
    const engineers = company.employed().filter(({ department }) => department === 'Engineering');
    await rollcall('team', 'create', 'Engineering', '-f', 'Engineering');
    const [engineer] = engineers;
    if (!engineer) throw new TypeError('a company has engineers');
    company.edit(engineer, { title: 'Software Enginer' });
    await rollcall('connection', 'preview', 'Okta');
    await rollcall('connection', 'confirm', 'Okta');
    const inbox = await rollcall('inbox', 'list');
    expect(inbox.out).toMatch(/Software Enginer +1 +Software Engineer\b/u);
    expect(inbox.err).toContain('rollcall inbox resolve "TITLE" "POSITION" -o acme');
    expect((await rollcall('inbox')).out).toBe(inbox.out);
    expect((await rollcall('inbox', 'resolve', 'No such title', 'Software Engineer')).code).toBe(3);
    expect((await rollcall('inbox', 'resolve', 'software enginer', 'Software Engineer')).out).toBe(
      'Software Enginer means Software Engineer.\n',
    );
    await rollcall('connection', 'resync', 'Okta');
    expect((await rollcall('person', 'show', engineer.email)).out).toMatch(/position +Software Engineer/u);
    expect((await rollcall('inbox')).out).not.toContain('Software Enginer ');
    expect((await rollcall('team', 'delete', 'Engineering')).code).toBe(4);
  });
});
