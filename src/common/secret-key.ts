import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { KEY_BYTES } from './envelope.js';
import { RollcallError } from './errors.js';

export interface SecretKey {
  /** Tells keys apart without telling the key. */
  id: string;
  bytes: Buffer;
}

/** The key that wraps the organisations' data keys, and former ones that may still be met. */
export interface SecretKeys {
  current: SecretKey;
  previous: readonly SecretKey[];
}

export interface SecretKeySettings {
  value: string | null;
  previous: readonly string[];
  file: string;
  /** The key is not kept with what it opens: whoever copies the data would have both. */
  dataFolder: string;
}

/** Keys that stand in documents, and so are everybody's. */
const PUBLISHED = new Set([
  'cm9sbGNhbGwtZXhhbXBsZS1rZXktMDEyMzQ1Njc4OWE=',
  'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=',
]);

/** Of 32 random bytes about 30 differ; fewer than this never happens by chance. */
const FEWEST_DIFFERENT_BYTES = 16;

/**
 * Reads a key as text.
 *
 * @throws {RollcallError} `secret_key.weak` for anything but 32 random bytes in base64.
 */
export function parseSecretKey(text: string, where: string): SecretKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  const canonical = bytes.toString('base64') === trimmed || bytes.toString('base64url') === trimmed;
  const typed = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  const plain = new Set(bytes).size < FEWEST_DIFFERENT_BYTES;
  if (!canonical || bytes.length !== KEY_BYTES || typed || plain || PUBLISHED.has(trimmed)) {
    throw new RollcallError(
      'secret_key.weak',
      `${where} must be 32 random bytes in base64, and no published example; make one with: openssl rand -base64 32`,
    );
  }
  const id = createHash('sha256').update('rollcall secret key').update(bytes).digest('hex').slice(0, 16);
  return { id, bytes };
}

/**
 * The keys of this installation; the first start makes one. A key is never made where there are data already: they
 * could not be opened with it, and the one that opens them would seem replaced.
 *
 * @throws {RollcallError} `secret_key.missing` or `secret_key.weak`, with the mend.
 */
export async function loadSecretKeys(
  settings: SecretKeySettings,
  hasData: () => Promise<boolean>,
): Promise<SecretKeys> {
  const previous = settings.previous.map((text) => parseSecretKey(text, 'ROLLCALL_SECRET_KEY_PREVIOUS'));
  if (settings.value !== null) return { current: parseSecretKey(settings.value, 'ROLLCALL_SECRET_KEY'), previous };
  const file = resolve(settings.file);
  const inData = relative(resolve(settings.dataFolder), file);
  if (inData === '' || !inData.startsWith('..')) {
    throw new RollcallError(
      'secret_key.weak',
      `The secret key must not lie in the data folder; set ROLLCALL_KEY_FILE to a place outside ${settings.dataFolder}.`,
    );
  }
  const text = (await readIfThere(file)) ?? (await makeWhereNew(file, hasData));
  return { current: parseSecretKey(text, `The key in ${file}`), previous };
}

async function makeWhereNew(file: string, hasData: () => Promise<boolean>): Promise<string> {
  if (await hasData()) {
    throw new RollcallError(
      'secret_key.missing',
      `There are data, but no secret key in ${file}; put the file back, or give the key as ROLLCALL_SECRET_KEY.`,
    );
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Written beside its place and linked there: nobody ever reads half a key, and of two that make one, one wins.
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await handle.sync();
    await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await handle.close();
    await rm(fresh, { force: true });
  }
  return readFile(file, 'utf8');
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
