import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../../src/common/clock.js';
import { backup, restore } from '../../../src/database/backup.js';
import type { Database } from '../../../src/database/database.service.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';
import { openEmbedded } from '../../support/embedded.js';
import { fillWith, keptIn } from '../../support/kept.js';

const clock = new ManualClock('2026-05-01T00:00:00Z');

/** With TEST_DATABASE_URL the server is another PostgreSQL than the embedded one, and an older one in CI. */
describe('K-10 a backup is the way from the embedded database to a server, and back', () => {
  let folder: string;
  let server: TestDatabase;
  const opened: Database[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-crossing-'));
    // PostgreSQL's own user has to pass it.
    await chmod(folder, 0o755);
    server = await openTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function embedded(name: string): Promise<Database> {
    const database = await openEmbedded(join(folder, name));
    opened.push(database);
    return database;
  }

  it('with every row as it was', async () => {
    const from = await embedded('from');
    const { organisation } = await fillWith(from, 3_000);
    await backup(from, clock, join(folder, 'there.tar'));
    await restore(server.database, join(folder, 'there.tar'));
    const [before, there] = [await keptIn(from), await keptIn(server.database)];
    expect(before['person']).toMatch(/^3000 /);
    // What a restore makes cautious: the connection waits for a preview, the run of then is over.
    const changed = Object.keys(before).filter((table) => before[table] !== there[table]);
    expect(changed.toSorted()).toEqual(['connection', 'run']);

    await server.database.asOrganisation(organisation, (tx) =>
      tx.execute(`UPDATE person SET first_name = 'Back again' WHERE sort_name = 'p1'`),
    );
    await backup(server.database, clock, join(folder, 'back.tar'));
    const back = await embedded('back');
    await restore(back, join(folder, 'back.tar'));
    expect(await keptIn(back)).toEqual(await keptIn(server.database));
  });

  it('with row-level security and sequences as they have to be', async () => {
    const from = await embedded('from');
    const { organisation } = await fillWith(from, 10);
    await backup(from, clock, join(folder, 'there.tar'));
    await restore(server.database, join(folder, 'there.tar'));
    const open = await server.database.asMigrate((tx) =>
      tx.query(
        `SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity AND relnamespace = 'public'::regnamespace`,
      ),
    );
    expect(open).toEqual([]);
    const { seq } = await server.database.asOrganisation(organisation, (tx) =>
      tx.one<{ seq: number }>(
        `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id) VALUES ($1, 'y', '{}', 'x', '6') RETURNING seq`,
        [organisation],
      ),
    );
    expect(seq).toBe(6);
  });
});
