import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCompany, serveOkta, type Company, type OktaSimulator } from '../simulators/index.ts';
import { Console, type Said } from './console.js';

/** One company's life at the command line, each step on what the one before left. */
let shell: Console;
let company: Company;
let okta: OktaSimulator;
let folder: string;

const OF_ACME = ['-o', 'acme'] as const;
const rollcall = (...args: string[]): Promise<Said> => shell.rollcall(...args);
const active = async (): Promise<number> =>
  (await shell.json<{ items: unknown[] }>('person', 'list', ...OF_ACME, '--state', 'active', '--limit', '1000')).items
    .length;

beforeAll(async () => {
  shell = await Console.open();
  company = makeCompany({ people: 120, seed: 5, everybodyEmployed: true });
  okta = await serveOkta(company);
  folder = mkdtempSync(join(tmpdir(), 'rollcall-cli-'));
});
afterAll(async () => {
  await okta.close();
  await shell[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

describe('from nothing to a synced company', () => {
  it('makes an organisation, a key and a verified domain', async () => {
    expect((await rollcall('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync')).code).toBe(0);
    const key = await shell.json<{ key: string }>('key', 'create', ...OF_ACME, '--name', 'ours', '--scopes', 'people:read'); // prettier-ignore
    expect(key.key).toMatch(/^rc_/);
    for (const name of company.domains) {
      expect((await rollcall('domain', 'add', name, ...OF_ACME)).out).toContain('rollcall-domain=');
      expect((await rollcall('domain', 'verify', name, ...OF_ACME, '--reason', 'a known customer')).code).toBe(0);
    }
    expect((await rollcall('domain', 'list', ...OF_ACME)).out).toContain(company.domain);
  });

  it('adds a connection and tests it', async () => {
    const { code } = await rollcall(
      ...['connection', 'add', ...OF_ACME, '--provider', 'okta', '--name', 'Okta'],
      ...['--credential', 'method=token', '--credential', `orgUrl=${okta.url}`],
      ...['--credential', `token=${okta.credentials.apiToken}`],
    );
    expect(code).toBe(0);
    expect(await rollcall('connection', 'test', 'okta', ...OF_ACME)).toMatchObject({ code: 0 });
  });

  it('shows a preview, what to type next, and changes nothing', async () => {
    const { code, out, err } = await rollcall('connection', 'preview', 'Okta', ...OF_ACME);
    expect([code, err.split('\n')[0]]).toEqual([0, 'Waiting to be taken up …']);
    expect(out).toContain('Added  120');
    expect(out).toContain('New in the directory.');
    expect(out).toContain('rollcall connection confirm Okta -o acme');
    expect(await active()).toBe(0);
  });

  it('confirms it, and is well', async () => {
    const { code, out } = await rollcall('connection', 'confirm', 'Okta', ...OF_ACME);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Done in .*: 120 added\./)]);
    expect(await active()).toBe(120);
    expect((await rollcall('status')).code).toBe(0);
    expect((await rollcall('connection', 'confirm', 'Okta', ...OF_ACME)).code).toBe(4);
  });

  it('says why somebody is here, and why somebody is not', async () => {
    expect((await rollcall('why', company.person(3).email, ...OF_ACME)).out).toMatch(
      /^Here, active; kept in step with Okta\./,
    );
    expect((await rollcall('why', 'nobody@example.com', ...OF_ACME)).out).toMatch(/^Nobody here has this address/);
  });

  it('simulates other settings and saves nothing', async () => {
    company.suspend([company.person(7)]);
    const settings = ['--policy', 'suspendedMeansLeaver=false'];
    expect((await rollcall('connection', 'simulate', 'Okta', ...OF_ACME, ...settings)).out).toMatch(
      /^Simulation of Okta[\s\S]*Nothing would change/,
    );
    const preview = await shell.json<{ counts: { archive: number } }>('connection', 'preview', 'Okta', ...OF_ACME);
    expect(preview.counts.archive).toBe(1);
    company.unsuspend([company.person(7)]);
  });
});

describe('a mass accident', () => {
  it('is held: exit code 6, nobody lost access', async () => {
    company.leave(company.employed().slice(50, 90));
    const { code, out } = await rollcall('connection', 'resync', 'Okta', ...OF_ACME);
    expect([code, out]).toEqual([6, expect.stringContaining('40 removals wait for you; nobody lost access.')]);
    expect(await active()).toBe(120);
    const status = await rollcall('status');
    expect([status.code, status.out]).toEqual([6, expect.stringContaining('Somebody must act.')]);
  });

  it('is shown with the people, the cause, and the version to name', async () => {
    const { out } = await rollcall('hold', 'show', ...OF_ACME);
    expect(out).toContain('40 people of 120 would be removed');
    expect(out).toContain('rollcall hold approve -c Okta -o acme --all --seen 1');
  });

  it.each([
    ['nobody is named', [], 2],
    ['everybody, of no version that was seen', ['--all'], 2],
    ['everybody, of another version', ['--all', '--seen', '7'], 4],
    ['somebody who is not in it', ['--person', 'nobody@example.com'], 3],
  ])('approving is refused when %s', async (_case, args, code) => {
    expect((await rollcall('hold', 'approve', ...OF_ACME, ...args)).code).toBe(code);
    expect(await active()).toBe(120);
  });

  it('rejecting keeps somebody, approving lets the others go', async () => {
    const { members } = await shell.json<{ members: { email: string }[] }>('hold', 'show', ...OF_ACME);
    const kept = members[0]?.email ?? '';
    expect((await rollcall('hold', 'reject', ...OF_ACME, '--person', kept)).out).toContain('39 removals wait');
    const { code, out } = await rollcall('hold', 'approve', ...OF_ACME, '--all', '--seen', '1');
    expect([code, out]).toEqual([0, expect.stringContaining('39 archived')]);
    expect(await active()).toBe(81);
    expect((await rollcall('why', kept, ...OF_ACME)).out).toContain('override');
    expect((await rollcall('override', 'list', ...OF_ACME)).out).toContain('archive');
  });
});

describe('taking back, stopping, keeping', () => {
  it('undo shows first, and does it when it is confirmed', async () => {
    expect((await rollcall('connection', 'undo', 'Okta', ...OF_ACME)).out).toMatch(/^Preview of taking a run of Okta back[\s\S]*Brought back {2}39/); // prettier-ignore
    expect(await active()).toBe(81);
    expect((await rollcall('connection', 'undo', 'Okta', ...OF_ACME, '--confirm')).code).toBe(0);
    expect(await active()).toBe(120);
  });

  it('a cut by hand is at once, and its undo too', async () => {
    const { email } = company.person(95);
    expect((await rollcall('person', 'archive', email, ...OF_ACME)).code).toBe(0);
    expect(await active()).toBe(119);
    expect((await rollcall('person', 'archive', email, ...OF_ACME)).code).toBe(4);
    expect((await rollcall('person', 'restore', email, ...OF_ACME)).code).toBe(0);
    expect((await rollcall('person', 'admin', email, 'on', ...OF_ACME)).out).toContain('is an admin');
    expect((await rollcall('person', 'protect', email, 'on', ...OF_ACME)).out).toContain('is protected');
    expect((await rollcall('person', 'show', email, ...OF_ACME)).out).toContain('admin, protected');
  });

  it('the stop switch keeps a run from beginning, until it is lifted', async () => {
    company.join(1);
    expect((await rollcall('stop', '--reason', 'we look at something')).code).toBe(0);
    const stopped = await rollcall('connection', 'resync', 'Okta', ...OF_ACME, '--json');
    expect([stopped.code, JSON.parse(stopped.err)]).toEqual([4, expect.objectContaining({ code: 'run.stopped' })]);
    expect((await rollcall('status')).code).toBe(6);
    expect((await rollcall('resume')).code).toBe(0);
    expect((await rollcall('connection', 'resync', 'Okta', ...OF_ACME)).out).toContain('1 added');
  });

  it('lists say what was done, and that the operator did it', async () => {
    expect((await rollcall('run', 'list', ...OF_ACME)).out).toContain('succeeded');
    expect((await rollcall('events', ...OF_ACME, '--limit', '500')).out).toContain('archived');
    const { items } = await shell.json<{ items: { by: { kind: string } }[] }>('audit', ...OF_ACME, '--action', 'hold.approved'); // prettier-ignore
    expect(items.map((one) => one.by)).toEqual([{ kind: 'operator' }]);
    for (const list of ['conflict', 'notice']) expect((await rollcall(list, 'list', ...OF_ACME)).code).toBe(0);
    expect((await rollcall('inbox', ...OF_ACME)).out).toContain('TITLE');
  });

  it('the plan of a run is a file: CSV, or JSON', async () => {
    const { items } = await shell.json<{ items: { id: string; counts: { archive: number } }[] }>('run', 'list', ...OF_ACME); // prettier-ignore
    const run = items.find(({ counts }) => counts.archive > 1)?.id ?? '';
    const changes = (await shell.json<{ items: object[] }>('run', 'changes', run, ...OF_ACME)).items.length;
    const csv = await rollcall('run', 'download', run, ...OF_ACME);
    expect([csv.code, csv.err, csv.out.trim().split('\r\n').length]).toEqual([0, '', changes + 1]);
    const json = await rollcall('run', 'download', run, ...OF_ACME, '--json');
    expect((JSON.parse(json.out) as object[]).length).toBe(changes);
  });

  it('a run whose directory refuses fails with exit code 6 and the mend', async () => {
    okta.faults.add({ route: 'users.list', times: 99, do: { kind: 'status', status: 401 } });
    const { code, out, err } = await rollcall('connection', 'resync', 'Okta', ...OF_ACME);
    okta.faults.clear();
    expect([code, out, err]).toEqual([6, expect.stringContaining('rollcall connection test Okta -o acme'), expect.any(String)]); // prettier-ignore
    expect((await rollcall('connection', 'resync', 'Okta', ...OF_ACME)).code).toBe(0);
  });

  it('a backup fills an empty database, where the next sync is a preview', async () => {
    const file = join(folder, 'all.tar');
    expect(await rollcall('backup', file)).toMatchObject({ code: 0, err: '' });
    await using other = await shell.another();
    expect((await other.rollcall('restore', file)).code).toBe(0);
    const people = await other.json<{ items: unknown[] }>('person', 'list', ...OF_ACME, '--state', 'active', '--limit', '1000'); // prettier-ignore
    expect(people.items.length).toBe(await active());
    expect((await other.rollcall('connection', 'resync', 'Okta', ...OF_ACME)).out).toMatch(/^Preview of Okta/);
  });

  it('deleting a connection shows first; then its people stay and it is gone', async () => {
    const before = await active();
    expect((await rollcall('connection', 'delete', 'Okta', ...OF_ACME, '--people', 'keep')).out).toMatch(
      /^Preview of deleting Okta/,
    );
    expect((await rollcall('connection', 'delete', 'Okta', ...OF_ACME, '--people', 'keep', '--confirm')).code).toBe(0);
    expect(await active()).toBe(before);
    expect((await rollcall('connection', 'test', 'Okta', ...OF_ACME)).code).toBe(3);
  });
});
