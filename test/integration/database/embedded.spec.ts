import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EmbeddedServer } from '../../../src/database/embedded-server.js';
import type { Database } from '../../../src/database/database.service.js';
import { openEmbedded } from '../../support/embedded.js';

describe('the embedded server', () => {
  let folder: string;
  const opened: Database[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-embedded-'));
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (): Promise<Database> => {
    const database = await openEmbedded(folder);
    opened.push(database);
    return database;
  };
  const close = async (database: Database): Promise<void> => {
    opened.splice(opened.indexOf(database), 1);
    await database.close();
  };
  const pid = async (): Promise<number | null> => {
    const text = await readFile(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
    return text === '' ? null : Number(text.split('\n')[0]);
  };

  it('keeps what was written from one start to the next, and stops in between', async () => {
    const first = await open();
    const before = await first.asWorker((tx) => tx.one<{ name: string }>('SELECT name FROM installation'));
    await close(first);
    expect(await pid()).toBeNull();
    const again = await open();
    expect(await again.asWorker((tx) => tx.one('SELECT name FROM installation'))).toEqual(before);
  }, 60_000);

  it('is one, however many start it at once, and goes with the last of them', async () => {
    const all = await Promise.all([open(), open(), open()]);
    const server = await pid();
    for (const database of all.slice(0, 2)) await close(database);
    expect(await pid()).toBe(server);
    await expect(all[2]?.now()).resolves.toBeInstanceOf(Date);
    if (all[2]) await close(all[2]);
    expect(await pid()).toBeNull();
  }, 60_000);

  it('that outlived its process is used as it is', async () => {
    const binaries = await EmbeddedServer.start(join(folder, 'data'), join(folder, 'keys', 'data-folders'));
    const server = await pid();
    const database = await open();
    expect(await pid()).toBe(server);
    await close(database);
    expect(await binaries.stopWhenAlone()).toBe(false);
  }, 60_000);

  it('that was killed comes back, with all that was committed, while its users live on', async () => {
    const database = await open();
    await database.asMigrate((tx) => tx.execute(`UPDATE installation SET stop_reason = 'kept'`));
    process.kill((await pid()) ?? 0, 'SIGKILL');
    let reason = '';
    const until = Date.now() + 30_000;
    while (reason === '' && Date.now() < until) {
      reason = await database
        .asWorker((tx) => tx.one<{ stopReason: string }>('SELECT stop_reason FROM installation'))
        .then(
          (row) => row.stopReason,
          async (error: unknown) => {
            expect(error).toMatchObject({ code: 'database.unavailable' });
            await wait(50);
            return '';
          },
        );
    }
    expect(reason).toBe('kept');
  }, 60_000);

  it('never starts empty where data were', async () => {
    await close(await open());
    await rename(join(folder, 'data'), join(folder, 'elsewhere'));
    await expect(open()).rejects.toMatchObject({ code: 'database.folder_lost' });
    await rm(join(folder, 'data'), { recursive: true });
    await rename(join(folder, 'elsewhere'), join(folder, 'data'));
    await expect((await open()).now()).resolves.toBeInstanceOf(Date);
  }, 60_000);
});
