import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Console, type Said } from './console.js';

/** Where there is no directory: people by hand, each step on what the one before left. */
let shell: Console;

const OF = ['-o', 'acme'] as const;
const rollcall = (...args: string[]): Promise<Said> => shell.rollcall(...args, ...OF);
const found = async (...filters: string[]): Promise<string[]> =>
  (await shell.json<{ items: { email: string }[] }>('person', 'list', ...filters, ...OF)).items
    .map(({ email }) => email.replace('@acme.example', ''))
    .sort();

beforeAll(async () => {
  shell = await Console.open();
  await shell.json('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync');
  await shell.json('framework', 'create', 'Commercial', ...OF);
  await shell.json('position', 'create', 'Seller', '-f', 'Commercial', ...OF);
  await shell.json('team', 'create', 'Sales', '-f', 'Commercial', ...OF);
});
afterAll(() => shell[Symbol.asyncDispose]());

describe('people at the command line', () => {
  it('are made pending, or active, with all that is known of them', async () => {
    const ana = await rollcall('person', 'create', 'ana@acme.example', '--first-name', 'Ana', '--last-name', 'Soares');
    expect(ana).toMatchObject({ code: 0, out: 'Ana Soares is here, pending.\n' });
    expect(ana.err).toContain('cannot sign in');
    const ben = await shell.json(
      ...['person', 'create', 'ben@acme.example', '--state', 'active', '--first-name', 'Ben', '--team', 'sales', ...OF],
      ...[
        '--position',
        'Seller',
        '--manager',
        'ana@acme.example',
        '--employee-number',
        '7',
        '--attribute',
        'site=Porto',
      ],
    );
    expect(ben).toMatchObject({
      state: 'active',
      origin: 'manual',
      team: { name: 'Sales' },
      position: { name: 'Seller' },
      manager: { name: 'Ana Soares' },
      employeeNumber: '7',
      attributes: { site: 'Porto' },
    });
  });

  it.each([
    ['an address that is none', ['nobody'], 2],
    ['an address that is taken', ['ana@acme.example'], 4],
    ['a team that is not there', ['x@acme.example', '--team', 'Nothing'], 3],
    ['a manager who is not there', ['x@acme.example', '--manager', 'nobody@acme.example'], 3],
    ['a name that is too long', ['x@acme.example', '--first-name', 'x'.repeat(201)], 2],
    ['a state that nobody begins with', ['x@acme.example', '--state', 'archived'], 2],
    ['an attribute of no name', ['x@acme.example', '--attribute', '1=2'], 2],
  ])('are refused with %s', async (_words, args, code) => {
    expect((await rollcall('person', 'create', ...args)).code).toBe(code);
    expect(await found()).toEqual(['ana', 'ben']);
  });

  it('are edited, what is not named staying as it is', async () => {
    expect((await rollcall('person', 'edit', 'ben@acme.example', '--last-name', 'Ito')).out).toBe(
      'Ben Ito was edited.\n',
    );
    const edited = await shell.json('person', 'edit', 'ben@acme.example', '--email', 'ben.ito@acme.example', '--clear', 'position', '--clear', 'manager', '--attribute', 'site=null', '--attribute', 'badge=B1', ...OF); // prettier-ignore
    expect(edited).toMatchObject({
      email: 'ben.ito@acme.example',
      lastName: 'Ito',
      team: { name: 'Sales' },
      position: null,
      manager: null,
      attributes: { badge: 'B1' },
    });
    expect((await rollcall('person', 'edit', 'ben.ito@acme.example')).code).toBe(2);
    expect((await rollcall('person', 'edit', 'ben.ito@acme.example', '--clear', 'email')).code).toBe(2);
    expect((await rollcall('person', 'edit', 'gone@acme.example', '--last-name', 'X')).code).toBe(3);
  });

  it('are found by what the API finds them by', async () => {
    await rollcall('person', 'create', 'cyd@acme.example', '--state', 'active', '--manager', 'ana@acme.example');
    await rollcall('person', 'admin', 'cyd@acme.example', 'on');
    expect(await found('--search', 'be it')).toEqual(['ben.ito']);
    expect(await found('--state', 'active')).toEqual(['ben.ito', 'cyd']);
    expect(await found('--team', 'SALES')).toEqual(['ben.ito']);
    expect(await found('--position', 'Seller')).toEqual([]);
    expect(await found('--manager', 'ana@acme.example')).toEqual(['cyd']);
    expect(await found('--admin')).toEqual(['cyd']);
    expect(await found('--no-admin')).toEqual(['ana', 'ben.ito']);
    expect(await found('--origin', 'directory')).toEqual([]);
    expect(await found('--problem', 'no_manager')).not.toContain('cyd');
    expect(await found('--sort', 'created', '--descending', '--limit', '1')).toEqual(['cyd']);
    expect((await rollcall('person', 'list', '--sort', 'age')).code).toBe(2);
    expect((await rollcall('people', 'list')).out).toBe((await rollcall('person', 'list')).out);
  });

  it('are listed in columns, with how many more there are', async () => {
    const { out, err } = await rollcall('person', 'list', '--limit', '2');
    expect(out).toMatch(
      /^NAME +E-MAIL +STATE +TEAM, POSITION\ncyd@acme.example +cyd@acme.example +active, admin +–\nBen Ito +/u,
    );
    expect(err).toBe('The first 2 people; more with --limit.\n');
    expect((await rollcall('person', 'list')).out).toMatch(/Ana Soares +ana@acme.example +pending +–\n/u);
    expect((await rollcall('person', 'count')).out).toMatch(/pending +1\nactive +2\narchived +0\nadmins +1/u);
  });

  it('are shown with what is known of them, in words', async () => {
    const { out } = await rollcall('person', 'show', 'ben.ito@acme.example');
    expect(out).toMatch(/^Ben Ito {2}active\n/u);
    for (const row of [
      /before that +ben@acme\.example \(until/u,
      /team +Sales\n/u,
      /badge +B1\n/u,
      /origin +manual\n/u,
    ])
      expect(out).toMatch(row);
    expect((await rollcall('person', 'show', 'ana@acme.example')).out).toMatch(/reports +1\n/u);
  });

  it('have a timeline: what changed, by whom, by which rule', async () => {
    const { out } = await rollcall('person', 'timeline', 'ben.ito@acme.example');
    expect(out.split('\n').length).toBeGreaterThan(3);
    expect(out).toMatch(/^What happened \(UTC\)\n {2}\d{4}-\d\d-\d\d/u);
    expect(out).toContain('(operator)');
    for (const change of ['last name: Ito', 'team: Sales', 'manager: Ana Soares', 'attributes: site=Porto'])
      expect(out).toContain(`    ${change}`);
    expect(out).not.toMatch(/Id\b|Canonical|\{/u);
    const { items } = await shell.json<{ items: { type: string }[] }>(
      'person',
      'timeline',
      'ben.ito@acme.example',
      ...OF,
    );
    expect(items.at(-1)?.type).toMatch(/created|added/u);
    const last = await rollcall('person', 'timeline', 'ben.ito@acme.example', '--limit', '1');
    expect([last.out.trim().split('\n').length >= 1, last.err]).toEqual([true, 'The last 1; more with --limit.\n']);
  });

  it('are archived and brought back together, each by itself', async () => {
    const two = ['ana@acme.example', 'ben.ito@acme.example'];
    expect(await rollcall('person', 'archive', ...two)).toMatchObject({ code: 0, out: expect.stringMatching(/Ben Ito +archived/u) }); // prettier-ignore
    expect(await found('--state', 'archived')).toEqual(['ana', 'ben.ito']);
    const withAdmin = await rollcall('person', 'archive', 'cyd@acme.example', 'ana@acme.example');
    expect([withAdmin.code, withAdmin.out]).toEqual([4, expect.stringContaining('the last active admin')]);
    const restored = await shell.rollcall('person', 'restore', ...two, ...OF, '--json');
    expect(JSON.parse(restored.out)).toMatchObject({ items: [{ result: 'done' }, { result: 'done' }] });
    expect((await rollcall('person', 'archive', 'ana@acme.example', 'nobody@acme.example')).code).toBe(3);
    expect(await found('--state', 'archived')).toEqual([]);
  });
});
