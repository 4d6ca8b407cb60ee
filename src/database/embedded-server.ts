import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { RollcallError, codeOf, messageOf } from '../common/errors.js';
import { findBinaries, serverUser, type Binaries } from './embedded-binaries.js';
import { prepareFolder, readPassword, type DataFolder } from './embedded-folder.js';
import { makeSocketFolder, removeSocketFolder } from './embedded-sockets.js';
import { isConnectionFault } from './errors.js';

const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;
const ANSWER_WITHIN_MS = 5_000;

/** Held shared, in the database `postgres`, by whoever uses the server; and alone, by who is about to stop it. */
export const PRESENCE_LOCK = 1_919_904_876;

const SETTINGS = [
  'max_connections=200',
  'shared_buffers=128MB',
  'dynamic_shared_memory_type=mmap',
  'log_min_messages=warning',
  // A statement that fails may hold personal data.
  'log_min_error_statement=panic',
  'log_parameter_max_length_on_error=0',
  'log_error_verbosity=terse',
  'timezone=UTC',
  'log_timezone=UTC',
  'lc_messages=C',
];

/**
 * The PostgreSQL inside Rollcall. Whoever comes first starts it and whoever goes last stops it; a server that
 * outlived its process is used as it is.
 */
export class EmbeddedServer {
  private constructor(
    private readonly binaries: Binaries,
    private readonly folder: DataFolder,
    private readonly password: string | null,
  ) {}

  /** @param marker A file apart from the data folder that remembers that there were data. */
  static async start(folder: string, marker: string): Promise<EmbeddedServer> {
    const binaries = await findBinaries();
    const data = await prepareFolder(folder, marker, binaries);
    const server = new EmbeddedServer(binaries, data, await readPassword(data.cluster));
    await server.ensureRunning();
    return server;
  }

  /** @param user `postgres` for the cluster's superuser. */
  async url(user: string, database = 'rollcall'): Promise<string> {
    const login = this.password === null ? user : `${user}:${encodeURIComponent(this.password)}`;
    if (this.password === null)
      return `postgresql://${login}@localhost/${database}?host=${encodeURIComponent(this.folder.sockets)}`;
    return `postgresql://${login}@127.0.0.1:${await this.port()}/${database}`;
  }

  get rolePassword(): string | null {
    return this.password;
  }

  /** Returns once the server answers, starting it when it does not run. */
  async ensureRunning(): Promise<void> {
    const until = Date.now() + START_WITHIN_MS;
    let words = '';
    for (;;) {
      const state = await this.look();
      if (state === 'running') return;
      if (Date.now() > until) {
        throw new RollcallError(
          'database.embedded_failed',
          `The embedded PostgreSQL did not start: ${words || (await this.lastWords())}`,
        );
      }
      // Two processes may both try: PostgreSQL lets one have the folder, and the other one finds that one running.
      if (state === 'down') words = (await this.spawnAndWait(until)) ?? words;
      else await wait(50);
    }
  }

  /** Whether it lets people in: not any more while it stops, though who is inside may still be answered. */
  async isRunning(): Promise<boolean> {
    return (await this.look()) === 'running';
  }

  /** Stops the server when nobody else uses it; true when it was stopped. */
  async stopWhenAlone(): Promise<boolean> {
    if (!(await this.isRunning())) return false;
    try {
      return await this.withClient('postgres', async (client) => {
        // Who comes from now on waits for the lock, and so until the server is stopped, and starts it again.
        const { rows } = await client.query<{ alone: boolean }>('SELECT pg_try_advisory_lock($1) AS alone', [
          PRESENCE_LOCK,
        ]);
        return rows[0]?.alone === true && (await countStrangers(client)) === 0 ? this.stop() : false;
      });
    } catch (error) {
      // Another one who goes at the same moment stops it.
      if (isConnectionFault(error)) return false;
      throw error;
    }
  }

  /** A fast shutdown: open transactions are rolled back, what was committed is safe. */
  async stop(): Promise<boolean> {
    const pid = await this.readPid();
    if (pid === null || !isAlive(pid)) return false;
    process.kill(pid, 'SIGINT');
    // PostgreSQL takes its sockets away first and its file last.
    const stays = async (): Promise<boolean> => isAlive(pid) && (await this.readPid()) === pid;
    const until = Date.now() + STOP_WITHIN_MS;
    while ((await stays()) && Date.now() < until) await wait(20);
    if (await stays()) return false;
    await removeSocketFolder(this.folder.sockets);
    return true;
  }

  private async look(): Promise<'running' | 'busy' | 'down'> {
    try {
      await this.withClient('postgres', (client) =>
        client.query({ text: 'SELECT 1', query_timeout: ANSWER_WITHIN_MS } as pg.QueryConfig),
      );
      return 'running';
    } catch (error) {
      const code = codeOf(error);
      // 57P01-03: stopping, dying or starting; 53300: every place is taken, so it runs.
      if (['57P01', '57P02', '57P03'].includes(code)) return 'busy';
      if (code === '53300') return 'running';
      if (
        ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE'].includes(code) ||
        /terminated|timeout/iu.test(messageOf(error))
      ) {
        const pid = await this.readPid();
        return pid !== null && isAlive(pid) && code !== 'ENOENT' && code !== 'ECONNREFUSED' ? 'busy' : 'down';
      }
      throw new RollcallError(
        'database.embedded_failed',
        `The embedded PostgreSQL refuses us: ${messageOf(error)}`,
        undefined,
        { cause: error },
      );
    }
  }

  /** Starts the server; null when it answers, its last words when it ended first. */
  private async spawnAndWait(until: number): Promise<string | null> {
    // Whoever stopped it took the folder away.
    await makeSocketFolder(this.folder.sockets);
    const log = await open(join(this.folder.cluster, '..', 'postgres.log'), 'w', 0o600);
    const listen =
      process.platform === 'win32'
        ? ['-c', 'listen_addresses=127.0.0.1', '-p', String(await freePort())]
        : [
            '-c',
            'listen_addresses=',
            '-c',
            `unix_socket_directories=${this.folder.sockets}`,
            '-c',
            'unix_socket_permissions=0700',
          ];
    const child = spawn(
      this.binaries.postgres,
      ['-D', this.folder.cluster, ...listen, ...SETTINGS.flatMap((setting) => ['-c', setting])],
      // A group of its own: ctrl-C in a terminal is for us, and we stop the server when we are done with it.
      {
        ...serverUser(),
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
        cwd: '/',
      },
    );
    let ended = false;
    child.once('exit', () => (ended = true));
    const failed = new Promise<string>((told) => child.once('error', (error) => told(error.message)));
    child.unref();
    try {
      while (!ended && Date.now() < until) {
        const word = await Promise.race([failed, wait(25)]);
        if (typeof word === 'string') return word;
        if ((await this.look()) === 'running') return null;
      }
    } finally {
      await log.close();
    }
    return this.lastWords();
  }

  private async lastWords(): Promise<string> {
    const text = await readFile(join(this.folder.cluster, '..', 'postgres.log'), 'utf8').catch(messageOf);
    return text.trim().split('\n').slice(-3).join(' ');
  }

  private async readPid(): Promise<number | null> {
    const line = (await this.pidFile())[0];
    const pid = Number(line);
    return line === undefined || !Number.isInteger(pid) || pid <= 0 ? null : pid;
  }

  private async port(): Promise<number> {
    return Number((await this.pidFile())[3] ?? 0);
  }

  private async pidFile(): Promise<string[]> {
    const text = await readFile(join(this.folder.cluster, 'postmaster.pid'), 'utf8').catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      },
    );
    return text === '' ? [] : text.split('\n');
  }

  /** Makes a database unless it is there. */
  async ensureDatabase(name: string): Promise<void> {
    await this.withClient('postgres', async (client) => {
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (rowCount !== 0) return;
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`).catch((error: unknown) => {
        // 42P04, 23505: another process made it at the same moment.
        if (!(error instanceof pg.DatabaseError) || !['42P04', '23505'].includes(error.code ?? '')) throw error;
      });
    });
  }

  /** Does something as the cluster's superuser, on a connection of its own. */
  async withClient<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      connectionString: await this.url('postgres', database),
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      application_name: 'rollcall-keeper',
    });
    let fault: Error | undefined;
    client.on('error', (error) => (fault = error));
    await client.connect();
    try {
      return await work(client);
    } catch (error) {
      throw fault ?? error;
    } finally {
      await client.end();
    }
  }
}

/** Connections that are not of Rollcall, whose processes show by the lock: somebody's own look at the data. */
async function countStrangers(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ strangers: string }>(
    `SELECT count(*) AS strangers FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name NOT IN ('rollcall', 'rollcall-keeper')`,
  );
  return Number(rows[0]?.strangers ?? 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((told, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => told(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
