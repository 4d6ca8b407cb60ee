import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, lstat, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { RollcallError } from '../common/errors.js';
import { UNPRIVILEGED, serverUser, unreachable, type Binaries } from './embedded-binaries.js';
import { makeSocketFolder, socketFolderOf } from './embedded-sockets.js';

export interface DataFolder {
  /** PostgreSQL's own data directory. */
  cluster: string;
  /** Where its unix socket is: a short path, for the system's limit is 107 bytes. */
  sockets: string;
}

/** Makes the folders, and the cluster where there is none yet. `marker` remembers, apart from the data, that there was one. */
export async function prepareFolder(folder: string, marker: string, binaries: Binaries): Promise<DataFolder> {
  const data = resolve(folder);
  const cluster = join(data, 'postgres');
  await mkdir(data, { recursive: true, mode: 0o755 });
  if (process.getuid?.() === 0) {
    const closed = await unreachable(data);
    if (closed !== null) {
      throw new RollcallError(
        'database.embedded_failed',
        `PostgreSQL does not run as root, and its user (${UNPRIVILEGED}) cannot pass ${closed}; set ROLLCALL_DATA_FOLDER to a folder that others can reach.`,
      );
    }
  }
  if (!(await isCluster(cluster))) {
    await refuseWhereDataWere(data, marker);
    await makeCluster(data, cluster, binaries);
  }
  await remember(data, marker);
  const sockets = socketFolderOf(data);
  await makeSocketFolder(sockets);
  return { cluster, sockets };
}

async function isCluster(cluster: string): Promise<boolean> {
  return (await lstat(join(cluster, 'PG_VERSION')).catch(() => null)) !== null;
}

async function refuseWhereDataWere(data: string, marker: string): Promise<void> {
  const known = await readMarker(marker);
  if (!known.includes(data)) return;
  throw new RollcallError(
    'database.folder_lost',
    `The data of Rollcall were in ${data} and are not there any more; put the folder back (is a disk not mounted?), or, to begin anew, remove ${marker}.`,
  );
}

async function readMarker(marker: string): Promise<string[]> {
  const text = await readFile(marker, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').filter((line) => line !== '');
}

async function remember(data: string, marker: string): Promise<void> {
  const known = await readMarker(marker);
  if (known.includes(data)) return;
  await mkdir(dirname(marker), { recursive: true, mode: 0o700 });
  const fresh = `${marker}.${randomBytes(4).toString('hex')}`;
  await writeFile(fresh, [...known, data, ''].join('\n'), { mode: 0o600 });
  await rename(fresh, marker);
}

/** Made beside its place and moved there whole: a cluster half made by a killed process is never taken for one. */
async function makeCluster(data: string, cluster: string, binaries: Binaries): Promise<void> {
  for (const entry of await readdir(data)) {
    if (entry.startsWith('postgres.new-') && !(await isYoung(join(data, entry))))
      await rm(join(data, entry), { recursive: true, force: true });
  }
  const fresh = join(data, `postgres.new-${randomBytes(4).toString('hex')}`);
  await mkdir(fresh, { mode: 0o700 });
  const { uid, gid } = serverUser();
  if (uid !== undefined && gid !== undefined) await chown(fresh, uid, gid);
  const trust = process.platform === 'win32' ? await passwordArguments(data) : ['-A', 'trust'];
  await initialise(binaries.initdb, [
    '-D',
    fresh,
    '-U',
    'postgres',
    ...trust,
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--data-checksums',
  ]);
  try {
    await rename(fresh, cluster);
  } catch (error) {
    // Another process was quicker: ours is not needed.
    await rm(fresh, { recursive: true, force: true });
    if (!(await isCluster(cluster))) throw error;
  }
}

async function isYoung(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs < 60_000;
}

/** Windows has no unix sockets that PostgreSQL trusts: there it listens on loopback and asks for a password. */
async function passwordArguments(data: string): Promise<string[]> {
  const file = join(data, 'password');
  await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return ['-A', 'scram-sha-256', `--pwfile=${file}`];
}

export async function readPassword(cluster: string): Promise<string | null> {
  return process.platform === 'win32' ? (await readFile(join(dirname(cluster), 'password'), 'utf8')).trim() : null;
}

function initialise(initdb: string, commandLine: string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(initdb, commandLine, {
      ...serverUser(),
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { LC_ALL: 'C', PATH: process.env['PATH'] ?? '' },
      cwd: '/',
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (words = (words + chunk).slice(-2000)));
    child.on('error', fail);
    child.on('close', (code) => {
      if (code === 0) return done();
      fail(
        new RollcallError('database.embedded_failed', `initdb could not make the embedded database: ${words.trim()}`),
      );
    });
  });
}
