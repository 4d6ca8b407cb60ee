import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollcallError } from './errors.js';
import { loadSecretKeys, parseSecretKey, type SecretKeySettings } from './secret-key.js';

const good = randomBytes(32).toString('base64');
const empty = (): Promise<boolean> => Promise.resolve(false);
const full = (): Promise<boolean> => Promise.resolve(true);

function refusalOf(text: string): RollcallError | null {
  try {
    parseSecretKey(text, 'The key');
  } catch (error) {
    if (error instanceof RollcallError) return error;
    throw error;
  }
  return null;
}

describe('K-03 the secret key', () => {
  let folder: string;
  let settings: SecretKeySettings;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-key-'));
    settings = {
      value: null,
      previous: [],
      file: join(folder, 'keys', 'secret.key'),
      dataFolder: join(folder, 'data'),
    };
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    ['nothing', ''],
    ['too short', randomBytes(31).toString('base64')],
    ['too long', randomBytes(33).toString('base64')],
    ['one byte over and over', Buffer.alloc(32, 7).toString('base64')],
    ['a sentence', Buffer.from('correct horse battery staple, ok').toString('base64')],
    ['a published example', 'cm9sbGNhbGwtZXhhbXBsZS1rZXktMDEyMzQ1Njc4OWE='],
    ['no base64', `${good.slice(0, -2)}!!`],
    ['hexadecimal', randomBytes(32).toString('hex')],
  ])('is refused when it is %s', (_what, text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'secret_key.weak' });
  });

  it('is never repeated by a refusal', () => {
    const weak = randomBytes(31).toString('base64');
    expect(refusalOf(weak)?.message).not.toContain(weak);
  });

  it('is made at the first start, for its owner alone, and read ever after', async () => {
    const first = await loadSecretKeys(settings, empty);
    const again = await loadSecretKeys(settings, full);
    expect(again.current).toEqual(first.current);
    expect((await stat(settings.file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'keys'))).toEqual(['secret.key']);
  });

  it('is one, when several make it at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSecretKeys(settings, empty)));
    expect(new Set(keys.map(({ current }) => current.id)).size).toBe(1);
  });

  it('is never made where data exist', async () => {
    await expect(loadSecretKeys(settings, full)).rejects.toMatchObject({ code: 'secret_key.missing' });
    await expect(readFile(settings.file)).rejects.toThrow('ENOENT');
  });

  it('is not kept with the data', async () => {
    const inside = { ...settings, file: join(settings.dataFolder, 'secret.key') };
    await expect(loadSecretKeys(inside, empty)).rejects.toMatchObject({ code: 'secret_key.weak' });
  });

  it('given by environment wins over the file, and former ones are kept', async () => {
    const former = randomBytes(32).toString('base64');
    await loadSecretKeys(settings, empty);
    const keys = await loadSecretKeys({ ...settings, value: good, previous: [former] }, full);
    expect(keys.current.bytes.toString('base64')).toBe(good);
    expect(keys.previous.map(({ bytes }) => bytes.toString('base64'))).toEqual([former]);
  });

  it('in a file that was spoilt stops the start', async () => {
    await loadSecretKeys(settings, empty);
    await writeFile(settings.file, 'changed');
    await expect(loadSecretKeys(settings, full)).rejects.toMatchObject({ code: 'secret_key.weak' });
  });
});
