import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, RollcallError } from '../common/errors.js';
import { serverUser } from './embedded-binaries.js';

/** Where the unix socket of a data folder's server is. */
export function socketFolderOf(data: string): string {
  return join(tmpdir(), `rollcall-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`);
}

/**
 * Makes the folder, or makes sure that the one that is there is ours.
 *
 * @throws {RollcallError} `database.embedded_failed` when somebody else owns it.
 */
export async function makeSocketFolder(folder: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await makeOnce(folder);
      return;
    } catch (error) {
      // A process that stopped the server takes the folder away with it.
      if (codeOf(error) !== 'ENOENT' || attempt === 10) throw error;
    }
  }
}

async function makeOnce(folder: string): Promise<void> {
  const { uid, gid } = serverUser();
  const owner = uid ?? process.getuid?.();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  // Whoever else owns this folder could put a server of their own there.
  if (!found.isDirectory() || (owner !== undefined && found.uid !== owner && found.uid !== 0)) {
    throw new RollcallError(
      'database.embedded_failed',
      `${folder} was made by another user; remove it, or set TMPDIR.`,
    );
  }
  if (owner !== undefined && found.uid === 0 && uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  if (process.platform !== 'win32') await chmod(folder, 0o700);
}

/** Takes the folder away, unless another server is at home there by now. */
export async function removeSocketFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error;
  }
}
