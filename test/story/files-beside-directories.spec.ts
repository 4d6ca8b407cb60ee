import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fileWorldOf, type FileWorld, type Row } from '../support/file-world.js';
import { startRunWorld, type PersonOfWorld, type RunWorld } from '../support/run-world.js';

let world: RunWorld;
let files: FileWorld;
beforeEach(async () => {
  world = await startRunWorld({ people: 40, directory: 'okta' });
  files = fileWorldOf(world.service);
  await world.firstSync();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

const one = async (email: string): Promise<PersonOfWorld> => {
  const found = (await world.people()).filter((person) => person.email === email);
  if (found[0] === undefined) throw new Error(`nobody has ${email}`);
  return found[0];
};
const archived = async (): Promise<PersonOfWorld[]> =>
  (await world.people()).filter(({ state }) => state === 'archived');

describe('a file beside a directory', () => {
  it('leaves what the directory keeps, lists it, and the next sync has nothing to mend', async () => {
    const [person] = (await world.people()).filter(({ state, firstName }) => state === 'active' && firstName !== null);
    const rows: Row[] = [{ email: person?.email ?? '', firstName: 'Other', state: 'active' }];
    const run = await files.import(files.file(rows));
    expect(await files.lines(run)).toMatchObject([
      { kind: 'skip', reason: { code: 'file_left', facts: { kept: 'firstName', line: 2 } } },
    ]);
    expect(await one(person?.email ?? '')).toEqual(person);
    expect((await world.sync()).counts).toMatchObject({ update: 0, add: 0, archive: 0 });
  });

  it('brings nobody back whom a directory archived and still lists', async () => {
    world.company.suspend(1);
    await world.sync();
    const [left] = await archived();
    const run = await files.import(files.file([{ email: left?.email ?? '', state: 'active' }]));
    expect(await files.lines(run)).toMatchObject([{ kind: 'skip', reason: { facts: { kept: 'state' } } }]);
    expect((await one(left?.email ?? '')).state).toBe('archived');
  });

  it('brings back who left the directory, and the next sync leaves them', async () => {
    world.company.erase(1);
    await world.sync();
    const [left] = await archived();
    await files.import(files.file([{ email: left?.email ?? '', state: 'active' }]));
    expect(await one(left?.email ?? '')).toMatchObject({ state: 'active', archiveReasons: [] });
    expect((await world.sync()).counts).toMatchObject({ archive: 0, held: 0 });
    expect((await one(left?.email ?? '')).state).toBe('active');
  });

  it('archives for a reason of its own, which the directory does not lift', async () => {
    const [person] = (await world.people()).filter(({ state }) => state === 'active');
    const run = await files.import(files.file([{ email: person?.email ?? '', state: 'archived' }]));
    expect(run.counts.archive).toBe(1);
    await world.sync();
    expect(await one(person?.email ?? '')).toMatchObject({ state: 'archived', archiveReasons: ['csv'] });
    const shown = await files.ended(await files.runs.undo(files.caller, run.id));
    await files.ended(await files.runs.confirm(files.caller, shown.id, []));
    expect(await one(person?.email ?? '')).toMatchObject({ state: 'active', archiveReasons: [] });
    expect((await world.sync()).counts).toMatchObject({ archive: 0, update: 0 });
  });

  it('whoever a file brought first is not added anew by the directory that has their address', async () => {
    const joiner = world.company.join(1)[0];
    const email = joiner?.email ?? '';
    expect(email).toContain('@');
    await files.import(files.file([{ email, state: 'pending' }]));
    expect((await world.sync()).counts).toMatchObject({ add: 0 });
    expect((await world.people()).filter((person) => person.email.toLowerCase() === email.toLowerCase())).toHaveLength(
      1,
    );
  });
});
