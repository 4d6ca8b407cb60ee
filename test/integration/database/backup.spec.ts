import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ManualClock } from '../../../src/common/clock.js';
import { backup, restore } from '../../../src/database/backup.js';
import { inOrder } from '../../../src/database/backup-tables.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';
import { fillWith, keptIn } from '../../support/kept.js';

const clock = new ManualClock('2026-05-01T00:00:00Z');
const PEOPLE = 30_000;

describe('backup and restore', () => {
  let from: TestDatabase;
  let into: TestDatabase;
  let folder: string;
  let file: string;
  let made: { organisation: string; connection: string };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-backup-'));
    file = join(folder, 'whole.backup');
    from = await openTestDatabase();
    made = await fillWith(from.database, PEOPLE);
    await backup(from.database, clock, file);
  });
  afterAll(async () => {
    await from.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    into = await openTestDatabase();
  });
  afterEach(() => into.close());

  it('K-10: give back every row as it was, runs and connections made cautious aside', async () => {
    const summary = await restore(into.database, file);
    expect(summary.tables.find(({ name }) => name === 'person')).toEqual({ name: 'person', rows: PEOPLE });
    const [before, after] = [await keptIn(from.database), await keptIn(into.database)];
    expect({ ...after, connection: '', run: '' }).toEqual({ ...before, connection: '', run: '' });
  });

  it('K-10: every connection must be previewed again, and no run of then goes on', async () => {
    await restore(into.database, file);
    const { connection, run } = await into.database.asOrganisation(made.organisation, async (tx) => ({
      connection: await tx.one('SELECT confirmed_version, lease_owner, credentials FROM connection'),
      run: await tx.one('SELECT state FROM run'),
    }));
    expect(connection).toEqual({
      confirmedVersion: null,
      leaseOwner: null,
      credentials: Buffer.from('00ff0a5c', 'hex'),
    });
    expect(run).toEqual({ state: 'cancelled' });
  });

  it('go on counting where they were', async () => {
    await restore(into.database, file);
    const seqs = await into.database.asOrganisation(made.organisation, async (tx) => {
      await tx.execute(
        `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id) VALUES ($1, 'y', '{}', 'x', '6')`,
        [made.organisation],
      );
      return tx.query<{ seq: number }>('SELECT seq FROM audit_entry ORDER BY seq');
    });
    expect(seqs.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('leave row-level security as it was', async () => {
    await restore(into.database, file);
    const open = await into.database.asMigrate((tx) =>
      tx.query(
        `SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity AND relnamespace = 'public'::regnamespace`,
      ),
    );
    expect(open).toEqual([]);
  });

  it('never fill a database that has an organisation', async () => {
    await insertOrganisation(into.database);
    const before = await keptIn(into.database);
    await expect(restore(into.database, file)).rejects.toMatchObject({ code: 'backup.not_empty' });
    expect(await keptIn(into.database)).toEqual(before);
  });

  it('refuse a file that was cut off or changed anywhere, and write nothing', async () => {
    const before = await keptIn(into.database);
    const whole = await readFile(file);
    const plain = gunzipSync(whole);
    const changed = (at: number): Buffer => {
      const copy = Buffer.from(plain);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return gzipSync(copy);
    };
    const spoilt = [
      whole.subarray(0, Math.floor(whole.length / 2)),
      whole.subarray(0, whole.length - 9),
      Buffer.alloc(0),
      Buffer.from('no backup'),
      gzipSync(plain.subarray(0, plain.length - 4096)),
      changed(plain.indexOf('example.com')),
      changed(plain.indexOf('rollcall-backup-1')),
      changed(plain.lastIndexOf('"rows"') + 8),
    ];
    for (const bytes of spoilt) {
      const path = join(folder, 'spoilt.backup');
      await writeFile(path, bytes);
      await expect(restore(into.database, path)).rejects.toMatchObject({ code: 'backup.invalid' });
    }
    await expect(restore(into.database, join(folder, 'none.backup'))).rejects.toMatchObject({ code: 'backup.invalid' });
    expect(await keptIn(into.database)).toEqual(before);
  });

  it('refuse a backup of another schema', async () => {
    await into.database.asMigrate((tx) => tx.execute(`UPDATE _prisma_migrations SET checksum = 'other' WHERE true`));
    await expect(restore(into.database, file)).rejects.toMatchObject({ code: 'backup.schema_differs' });
  });

  it('never replace a file, leave no half of one, and are for their owner alone', async () => {
    const before = await readFile(file);
    await expect(backup(from.database, clock, file)).rejects.toMatchObject({ code: 'backup.exists' });
    expect((await readFile(file)).equals(before)).toBe(true);
    await expect(stat(`${file}.partial`)).rejects.toThrow('ENOENT');
    await expect(backup(from.database, clock, join(folder, 'no', 'such', 'folder'))).rejects.toThrow('ENOENT');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('the order of tables', () => {
  const table = (name: string) => ({ name, columns: ['id'] });

  it('has each after those that it points to', () => {
    const ordered = inOrder(
      [table('a'), table('b'), table('c')],
      [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
      ],
    );
    expect(ordered.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
  });

  it('is refused where there is none', () => {
    expect(() =>
      inOrder(
        [table('a'), table('b')],
        [
          { from: 'a', to: 'b' },
          { from: 'b', to: 'a' },
        ],
      ),
    ).toThrow('ring');
  });
});
