import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RollcallError } from '../../src/common/errors.js';
import { startFileWorld, INVITER, type FileWorld, type Row } from '../support/file-world.js';

let world: FileWorld;
beforeEach(async () => {
  world = await startFileWorld();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const STAFF: Row[] = [
  { email: 'ada@acme.example', firstName: 'Ada', lastName: 'King', state: 'active', manager: 'grace@acme.example' },
  { email: 'Bo@acme.example', firstName: 'Bo', state: 'pending' },
  { email: 'cy@acme.example', state: 'archived' },
  { email: 'grace@acme.example', firstName: 'Grace', state: 'active', admin: true },
];

const invitations = () =>
  world.rows<{ emailCanonical: string }>('SELECT email_canonical FROM invitation WHERE closed_at IS NULL ORDER BY 1');
const count = async (table: string): Promise<number> =>
  (await world.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]?.n ?? -1;

describe('V-01 a file of people', () => {
  it('is shown first, and changes nobody by that', async () => {
    const shown = await world.preview(world.file(STAFF));
    expect(shown).toMatchObject({
      state: 'ready',
      kind: 'import',
      confirms: null,
      counts: { add: 3, skip: 1, read: 4, unchanged: 0 },
    });
    expect([await count('person'), await count('invitation'), await count('event')]).toEqual([0, 0, 0]);
    expect((await world.lines(shown)).map(({ kind, reason }) => [kind, reason.code, reason.facts?.['line']])).toEqual([
      ['add', 'file_added', 2],
      ['add', 'file_added', 3],
      ['skip', 'file_left', 4],
      ['add', 'file_added', 5],
    ]);
  });

  it('is applied once confirmed: who is active is invited, a manager may stand below', async () => {
    const run = await world.import(world.file(STAFF));
    expect(run).toMatchObject({ state: 'succeeded', counts: { add: 3, skip: 1, stale: 0 } });
    expect(await world.people()).toEqual([
      'ada@acme.example active Ada King grace@acme.example csv',
      'bo@acme.example pending Bo csv',
      'grace@acme.example active Grace admin csv',
    ]);
    expect((await invitations()).map((one) => one.emailCanonical)).toEqual(['ada@acme.example', 'grace@acme.example']);
    expect(world.reader.ends).toMatchObject([{ state: 'ready' }, { state: 'succeeded' }]);
    const [entry] = await world.rows(`SELECT actor, run_id FROM audit_entry WHERE action = 'person.added' LIMIT 1`);
    expect(entry).toMatchObject({ actor: { kind: 'key', id: INVITER }, runId: run.id });
  });

  it('V-04 changes nothing the second time, and the plan of one file has one hash', async () => {
    const importId = world.file(STAFF);
    const shown = await world.preview(importId);
    expect((await world.preview(importId)).planHash).toEqual(shown.planHash);
    await world.import(importId);
    const before = [await world.people(), await count('event')];
    const again = await world.import(world.file(STAFF));
    expect(again.counts).toMatchObject({ add: 0, update: 0, archive: 0, restore: 0, read: 4, unchanged: 3 });
    expect([await world.people(), await count('event')]).toEqual(before);
    expect(await invitations()).toHaveLength(2);
  });

  it('does not need the feature of directories, and its place is in no list of connections', async () => {
    await world.service.database.asMigrate((tx) => tx.execute('UPDATE organisation SET directory_sync = false'));
    expect(await world.import(world.file(STAFF))).toMatchObject({ state: 'succeeded', counts: { add: 3 } });
    const { body } = await world.service.api<{ items: unknown[] }>('GET', '/api/v1/connections');
    expect(body.items).toEqual([]);
    const [place] = await world.rows<{ id: string; rank: number; nextRunAt: Date | null }>(
      'SELECT id, rank, next_run_at FROM connection',
    );
    expect(place).toMatchObject({ rank: 0, nextRunAt: null });
    for (const path of ['', '/pause', '/runs'])
      expect((await world.service.api('GET', `/api/v1/connections/${place?.id}${path}`)).status).toBe(404);
    await expect(world.runs.resync(world.caller, place?.id ?? '')).rejects.toMatchObject({
      code: 'connection.not_found',
    });
  });

  it('is not confirmed as a preview of a directory is', async () => {
    const shown = await world.preview(world.file(STAFF));
    await expect(world.runs.confirm(world.caller, shown.id, [])).rejects.toMatchObject({ code: 'run.not_ready' });
  });

  it('that fails leaves no notice and nobody’s connection in need of attention', async () => {
    const fault = new RollcallError('import.file_lost', 'The file is not kept any more; upload it again.');
    const run = await world.preview(world.file(STAFF, {}, { fault }));
    expect(run).toMatchObject({ state: 'failed', errorCode: 'import.file_lost' });
    expect(world.reader.ends).toMatchObject([{ state: 'failed', code: 'import.file_lost' }]);
    expect(await count('notice')).toBe(0);
    expect(await world.rows('SELECT attention, failures FROM connection')).toEqual([{ attention: null, failures: 0 }]);
  });

  it('V-18 two that wait at once are two: the second is asked for once the first has begun', async () => {
    const [one, other] = [world.file(STAFF), world.file(STAFF)];
    const waiting = await world.ask(one);
    expect((await world.ask(one)).id).toBe(waiting.id);
    await expect(world.ask(other)).rejects.toMatchObject({ code: 'run.other_waiting' });
  });

  it('rows that turn out to be faulty change nobody', async () => {
    const run = await world.import(world.file(STAFF, {}, { faulty: [2, 5] }));
    expect(run.counts).toMatchObject({ add: 1, skip: 3 });
    expect(await world.people()).toEqual(['bo@acme.example pending Bo csv']);
    expect((await world.lines(run)).map(({ reason }) => reason.code)).toEqual([
      'file_faulty',
      'file_added',
      'file_left',
      'file_faulty',
    ]);
  });
});

describe('teams and positions of a file', () => {
  beforeEach(async () => {
    const framework = await world.service.api<{ id: string }>('POST', '/api/v1/frameworks', { name: 'Engineering' });
    const frameworkId = framework.body.id;
    await world.service.api('POST', '/api/v1/teams', { name: 'Apps', frameworkId });
    await world.service.api('POST', '/api/v1/positions', { name: 'Lead', frameworkId });
  });
  const rows: Row[] = [
    { email: 'ada@acme.example', team: 'Apps', position: 'Junior' },
    { email: 'bo@acme.example', team: 'Night shift', position: 'Guard' },
    { email: 'cy@acme.example', team: 'night  SHIFT' },
  ];
  const positions = () => world.rows('SELECT name, rank FROM position ORDER BY rank');

  it('that are not there are listed, and not made unless that was asked for', async () => {
    const run = await world.import(world.file(rows));
    expect(await world.people()).toEqual([
      'ada@acme.example pending Apps csv',
      'bo@acme.example pending csv',
      'cy@acme.example pending csv',
    ]);
    expect((await world.lines(run)).map(({ reason }) => reason.facts?.['notes'])).toEqual([
      'position_unknown',
      'team_unknown,position_unknown',
      'team_unknown',
    ]);
    expect(await positions()).toEqual([{ name: 'Lead', rank: 1 }]);
  });

  it('are made on request: a position as the most junior of the framework of its team', async () => {
    const run = await world.import(world.file(rows, { createTeams: true, createPositions: true }));
    expect(run).toMatchObject({ state: 'succeeded', counts: { add: 3, stale: 0 } });
    expect(await world.people()).toEqual([
      'ada@acme.example pending Apps Junior csv',
      'bo@acme.example pending Night shift csv',
      'cy@acme.example pending Night shift csv',
    ]);
    expect(await positions()).toEqual([
      { name: 'Junior', rank: 1 },
      { name: 'Lead', rank: 2 },
    ]);
    const made = await world.rows(
      `SELECT action, detail->>'origin' AS origin FROM audit_entry WHERE run_id = $1 AND action IN ('team.created', 'position.created') ORDER BY 1`,
      [run.id],
    );
    expect(made).toEqual([
      { action: 'position.created', origin: 'csv' },
      { action: 'team.created', origin: 'csv' },
    ]);
    expect(await world.rows(`SELECT origin FROM team WHERE name = 'Night shift'`)).toEqual([{ origin: 'csv' }]);
  });
});

describe('managers', () => {
  it('who do not come, and who report to the person in turn, are left, and the row says so', async () => {
    const run = await world.import(
      world.file([
        { email: 'ada@acme.example', manager: 'nobody@acme.example' },
        { email: 'bo@acme.example', manager: 'cy@acme.example' },
        { email: 'cy@acme.example', manager: 'bo@acme.example' },
      ]),
    );
    expect(run.counts).toMatchObject({ add: 3, stale: 0 });
    const said = (await world.lines(run)).map(({ reason }) => reason.facts?.['manager'] ?? null);
    expect(said).toEqual(['absent', 'loop', 'loop']);
    expect(await count('notice')).toBe(0);
    expect((await world.people()).filter((one) => one.includes('@acme.example pending csv'))).toHaveLength(3);
    const alone = await world.import(
      world.file([{ email: 'ada@acme.example', manager: 'nobody@acme.example', firstName: null }]),
    );
    expect(await world.lines(alone)).toMatchObject([
      { kind: 'skip', disposition: 'skip', reason: { code: 'file_left', facts: { manager: 'absent', line: 2 } } },
    ]);
  });
});

it('nobody reports to somebody archived, unless the file brings them back', async () => {
  await world.import(
    world.file([
      { email: 'gone@acme.example', state: 'active' },
      { email: 'back@acme.example', state: 'active' },
    ]),
  );
  await world.import(
    world.file([
      { email: 'gone@acme.example', state: 'archived' },
      { email: 'back@acme.example', state: 'archived' },
    ]),
    2,
  );
  const run = await world.import(
    world.file([
      { email: 'ada@acme.example', manager: 'gone@acme.example' },
      { email: 'bo@acme.example', manager: 'back@acme.example' },
      { email: 'back@acme.example', state: 'active' },
    ]),
  );
  expect((await world.lines(run)).map(({ reason }) => reason.facts?.['manager'] ?? null)).toEqual([
    'absent',
    null,
    null,
  ]);
  expect(await world.people()).toEqual([
    'ada@acme.example pending csv',
    'back@acme.example active csv',
    'bo@acme.example pending back@acme.example csv',
    'gone@acme.example archived csv csv',
  ]);
});

describe('taken back', () => {
  it('everybody is what they were, nobody is deleted, and nothing waits for a directory', async () => {
    await world.service.database.asMigrate((tx) => tx.execute('UPDATE organisation SET directory_sync = false'));
    await world.import(
      world.file([
        { email: 'ada@acme.example', firstName: 'Ada', state: 'pending' },
        { email: 'bo@acme.example', firstName: 'Bo', state: 'active' },
        { email: 'root@acme.example', state: 'active', admin: true },
      ]),
    );
    const before = await world.people();
    const run = await world.import(
      world.file([
        { email: 'ada@acme.example', firstName: 'Adele', state: 'active', admin: true },
        { email: 'bo@acme.example', state: 'archived' },
        { email: 'new@acme.example', state: 'active' },
      ]),
      1,
    );
    expect(await world.people()).toEqual([
      'ada@acme.example active Adele admin csv',
      'bo@acme.example archived Bo csv csv',
      'new@acme.example active csv',
      'root@acme.example active admin csv',
    ]);
    const shown = await world.ended(await world.runs.undo(world.caller, run.id));
    expect(shown).toMatchObject({ state: 'ready', kind: 'undo' });
    const undone = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
    expect(undone).toMatchObject({ state: 'succeeded', counts: { stale: 0, held: 0 } });
    expect(await world.people()).toEqual([
      ...before.slice(0, 2),
      'new@acme.example archived undo csv',
      ...before.slice(2),
    ]);
    expect([await count('override'), await count('hold'), await count('notice')]).toEqual([0, 0, 0]);
    expect((await invitations()).map((one) => one.emailCanonical)).not.toContain('new@acme.example');
  });
});

describe('V-03 who goes by a file', () => {
  const many = (state: 'active' | 'archived'): Row[] =>
    Array.from({ length: 20 }, (_, at) => ({ email: `p${at}@acme.example`, state }));
  const archived = async (): Promise<number> =>
    (await world.people()).filter((one) => one.includes(' archived ')).length;
  beforeEach(async () => {
    await world.import(world.file(many('active')));
  });

  it('is nobody who is not in it', async () => {
    const run = await world.import(world.file(many('active').slice(0, 10)));
    expect(run.counts).toMatchObject({ archive: 0, update: 0, unchanged: 10 });
    expect(await archived()).toBe(0);
  });

  it('within the limits goes with the confirmation', async () => {
    const run = await world.import(world.file(many('archived').slice(0, 3)));
    expect(run).toMatchObject({ counts: { archive: 3, skip: 0 } });
    expect(await archived()).toBe(3);
  });

  it('beyond them goes only where the number was confirmed, and no hold is opened', async () => {
    const importId = world.file(many('archived'));
    const run = await world.import(importId);
    expect(run).toMatchObject({ state: 'succeeded', counts: { archive: 0, skip: 20 } });
    expect((await world.lines(run))[0]?.reason).toMatchObject({ code: 'file_unconfirmed', facts: { line: 2 } });
    expect(await archived()).toBe(0);
    expect(await world.import(importId, 20)).toMatchObject({ counts: { archive: 20, skip: 0 } });
    expect(await archived()).toBe(20);
    expect([await count('hold'), await count('notice')]).toEqual([0, 0]);
  });

  it('and was not shown stays', async () => {
    const rows = many('archived').slice(0, 1);
    const importId = world.file(rows);
    const shown = await world.preview(importId);
    rows.push({ email: 'p7@acme.example', state: 'archived' });
    const run = await world.ended(await world.ask(importId, shown.id, 1));
    expect(run.counts).toMatchObject({ archive: 1, skip: 1 });
    expect(await archived()).toBe(1);
  });

  it('taken back, whom it brought go with the confirmation of that, however many', async () => {
    const run = await world.import(world.file([...many('active'), ...Array.from({ length: 30 }, (_, at): Row => ({ email: `n${at}@acme.example`, state: 'active' }))])); // prettier-ignore
    expect(run.counts.add).toBe(30);
    const shown = await world.ended(await world.runs.undo(world.caller, run.id));
    expect(shown.counts).toMatchObject({ held: 30 });
    expect(await archived()).toBe(0);
    const undone = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
    expect(undone).toMatchObject({ state: 'succeeded', counts: { archive: 30, held: 0 } });
    expect([await archived(), await count('hold')]).toEqual([30, 0]);
  });

  it('S-13 one active admin stays, whether they would go or be none any more', async () => {
    await world.import(world.file([{ email: 'root@acme.example', state: 'active', admin: true }]));
    for (const row of [{ state: 'archived' }, { admin: false }] as const) {
      const run = await world.preview(world.file([{ email: 'root@acme.example', ...row }]));
      expect(await world.lines(run)).toMatchObject([{ kind: 'skip', reason: { code: 'last_admin' } }]);
    }
  });
});

describe('F-60 the stop switches', () => {
  it('stop a file like any run: what waits waits, and what is under way ends', async () => {
    const importId = world.file(STAFF);
    await world.service.api('POST', '/api/v1/organisation/stop', { reason: 'a test' });
    const waiting = await world.ended(await world.ask(importId));
    expect(waiting.state).toBe('queued');
    await world.service.api('POST', '/api/v1/organisation/resume');
    expect(await world.ended(waiting)).toMatchObject({ state: 'ready' });
    const plan = world.reader.plan.bind(world.reader);
    world.reader.plan = async (context) => {
      await plan(context);
      await world.service.api('POST', '/api/v1/organisation/stop', { reason: 'a test' });
    };
    expect(await world.preview(importId)).toMatchObject({ state: 'cancelled', errorCode: 'run.stopped' });
    expect(world.reader.ends.at(-1)).toMatchObject({ state: 'cancelled', code: 'run.stopped' });
    expect(await count('person')).toBe(0);
  });

  it('one that an admin cancels changes nobody further', async () => {
    const importId = world.file(STAFF);
    const read = world.reader.read.bind(world.reader);
    world.reader.read = async (context) => {
      await read(context);
      await world.runs.cancel(world.caller, context.runId);
    };
    expect(await world.preview(importId)).toMatchObject({ state: 'cancelled', errorCode: 'run.cancelled' });
  });
});
