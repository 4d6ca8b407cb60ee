import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { access, chmod, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedServer } from '../../../src/database/embedded-server.js';
import type { Database } from '../../../src/database/database.service.js';
import { openEmbedded } from '../../support/embedded.js';
import { until } from '../../support/patience.js';

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
  const pidFile = async (): Promise<string[]> => {
    const text = await readFile(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
    return text === '' ? [] : text.split('\n');
  };
  const pid = async (): Promise<number | null> => {
    const [line] = await pidFile();
    return line === undefined ? null : Number(line);
  };
  const kill = async (): Promise<void> => {
    const server = await pid();
    if (server === null) throw new Error('no server runs');
    process.kill(server, 'SIGKILL');
  };

  it('keeps what was written from one start to the next, and stops in between', async () => {
    const first = await open();
    const before = await first.asWorker((tx) => tx.one<{ name: string }>('SELECT name FROM installation'));
    await close(first);
    expect(await pid()).toBeNull();
    const again = await open();
    expect(await again.asWorker((tx) => tx.one('SELECT name FROM installation'))).toEqual(before);
  });

  it('is one, however many start it at once, and goes with the last of them', async () => {
    const all = await Promise.all([open(), open(), open()]);
    const server = await pid();
    for (const database of all.slice(0, 2)) await close(database);
    expect(await pid()).toBe(server);
    await expect(all[2]?.now()).resolves.toBeInstanceOf(Date);
    if (all[2]) await close(all[2]);
    expect(await pid()).toBeNull();
  });

  it('that outlived its process is used as it is', async () => {
    const binaries = await EmbeddedServer.start(join(folder, 'data'), join(folder, 'keys', 'data-folders'));
    const server = await pid();
    const database = await open();
    expect(await pid()).toBe(server);
    await close(database);
    expect(await binaries.stopWhenAlone()).toBe(false);
  });

  it('that was killed comes back, with all that was committed, while its users live on', async () => {
    const database = await open();
    await database.asMigrate((tx) => tx.execute(`UPDATE installation SET stop_reason = 'kept'`));
    await kill();
    let reason = '';
    await until('the server to come back', async () => {
      reason = await database
        .asWorker((tx) => tx.one<{ stopReason: string }>('SELECT stop_reason FROM installation'))
        .then(
          (row) => row.stopReason,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'database.unavailable' });
            return '';
          },
        );
      return reason !== '';
    });
    expect(reason).toBe('kept');
  });

  it('is there for whoever comes while others go, and leaves no folder behind when the last one went', async () => {
    const first = await open();
    const sockets = (await pidFile())[4] ?? '';
    await access(sockets);
    await close(first);
    const comeAndGo = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) {
        const database = await open();
        expect(await database.now()).toBeInstanceOf(Date);
        await close(database);
      }
    };
    const ends = await Promise.allSettled([comeAndGo(5), comeAndGo(5), comeAndGo(5)]);
    expect(ends.filter((end) => end.status === 'rejected')).toEqual([]);
    expect(await pid()).toBeNull();
    await expect(access(sockets)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('never starts empty where data were', async () => {
    await close(await open());
    await rename(join(folder, 'data'), join(folder, 'elsewhere'));
    await expect(open()).rejects.toMatchObject({ code: 'database.folder_lost' });
    await rm(join(folder, 'data'), { recursive: true });
    await rename(join(folder, 'elsewhere'), join(folder, 'data'));
    await expect((await open()).now()).resolves.toBeInstanceOf(Date);
  });
});
