import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCompany, serveGoogle, serveOkta, type GoogleSimulator, type OktaSimulator } from '../simulators/index.ts';
import { Console, type Said } from './console.js';

/** An admin sets a connection up and looks at it, each step on what the one before left. */
let shell: Console;
let okta: OktaSimulator;
let google: GoogleSimulator;

const OF = ['-o', 'acme'] as const;
const rollcall = (...args: string[]): Promise<Said> => shell.rollcall(...args, ...OF);
const mappingOf = async (name: string): Promise<Record<string, unknown>> =>
  (await shell.json<{ settings: { mapping: Record<string, unknown> } }>('connection', 'show', name, ...OF)).settings
    .mapping;

beforeAll(async () => {
  const company = makeCompany({ people: 20, seed: 5, everybodyEmployed: true });
  okta = await serveOkta(company);
  google = await serveGoogle(company);
  shell = await Console.open({
    ROLLCALL_CONNECTORS_GOOGLE_BASE_URL: google.url,
    ROLLCALL_CONNECTORS_GOOGLE_TOKEN_URL: google.tokenUrl,
    ROLLCALL_CONNECTORS_GOOGLE_INSECURE_LOOPBACK: 'true',
  });
  await shell.json('organisation', 'create', 'Acme', '--slug', 'acme', '--directory-sync');
  const token = ['--credential', 'method=token', '--credential', `orgUrl=${okta.url}`];
  await shell.json('connection', 'add', ...OF, '--provider', 'okta', '--name', 'Okta', ...token, '--credential', `token=${okta.credentials.apiToken}`); // prettier-ignore
});
afterAll(async () => {
  await okta.close();
  await google.close();
  await shell[Symbol.asyncDispose]();
});

describe('connections at the command line', () => {
  it('says what kinds there are, and how their settings are written', async () => {
    const { code, out } = await shell.rollcall('connection', 'kinds');
    expect(code).toBe(0);
    expect(out).toMatch(/^okta {2}Okta\n/u);
    expect(out).toContain('method=token orgUrl=… [token=…]');
    expect(out).toContain('kind=groups groupIds[]=… [excluded[]=…]');
    for (const usual of ['title=profile.title', 'removalLimitRun=5', 'intervalMinutes=60'])
      expect(out).toContain(usual);
    expect(out).toMatch(/\ngoogle {2}Google Workspace\n/u);
    const { items } = await shell.json<{ items: { scopeSchema: object }[] }>('connection', 'kinds');
    expect(items[0]?.scopeSchema).toMatchObject({ oneOf: expect.any(Array) });
  });

  it('shows one to read, whole and without a secret', async () => {
    const { code, out, err } = await rollcall('connection', 'show', 'Okta');
    expect(code).toBe(0);
    expect(out).toMatch(/^Okta {2}setup\n/u);
    for (const row of [
      /last whole read +never/u,
      /next run is a +preview, to be confirmed/u,
      /credentials +method=token orgUrl=http\S+ token=set, set \d{4}-/u,
      /\nScope\n {2}kind +directory\n {2}excluded +–\n/u,
      /\nMapping\n {2}email +profile\.email\n {2}firstName +profile\.firstName\n/u,
      /\n {2}removalLimitRun +5\n/u,
      /\nSchedule\n {2}intervalMinutes +60\n/u,
      /\n {2}quotaShare +\d+ %\n/u,
    ])
      expect(out).toMatch(row);
    expect(out).not.toContain('{');
    expect(err).toBe('Runs: rollcall run list -c "Okta" -o acme\n');
    expect(out).not.toContain(okta.credentials.apiToken);
    expect((await rollcall('connection', 'show', 'Okta', '--json')).out).not.toContain(okta.credentials.apiToken);
  });

  it('lists the attributes of the directory, by the paths that a mapping takes', async () => {
    const { code, out, err } = await rollcall('connection', 'attributes', 'Okta');
    expect(code).toBe(0);
    expect(out).toMatch(/profile\.department +text +department +Department\n/u);
    expect(out).toMatch(/profile\.workSite +text, custom +– +Work site\n/u);
    expect(out).toMatch(/profile\.badges +list of text, custom +– +Badges\n/u);
    expect(err).toContain('rollcall connection set "Okta" --map FIELD=PATH -o acme');
    const custom = await shell.json<{ items: { path: string }[] }>(
      'connection',
      'attributes',
      'Okta',
      '--custom',
      ...OF,
    );
    expect(custom.items.map(({ path }) => path)).toEqual(['profile.workSite', 'profile.badges']);
  });

  it('tries a mapping out before it is saved: a path that is not there is said, exit code 6', async () => {
    const { code, out } = await rollcall('connection', 'attributes', 'Okta', '--map', 'site=profile.workSiet');
    expect([code, out]).toEqual([6, expect.stringMatching(/! profile\.workSiet, mapped to extras\.site, is not/u)]);
    expect((await mappingOf('Okta'))['extras']).toEqual({});
    const reserved = await rollcall('connection', 'attributes', 'Okta', '--map', 'isAdmin=profile.title');
    expect(reserved.code).toBe(2);
  });

  it('maps single fields and extras, the others staying as they are', async () => {
    const before = await mappingOf('Okta');
    const set = (...map: string[]): Promise<Said> =>
      rollcall('connection', 'set', 'Okta', ...map.flatMap((one) => ['--map', one]));
    expect(await set('site=profile.workSite', 'title=null')).toMatchObject({
      code: 0,
      err: 'Next: rollcall connection preview "Okta" -o acme\n',
    });
    expect(await mappingOf('Okta')).toEqual({ ...before, title: null, extras: { site: 'profile.workSite' } });
    expect((await set('site=null', 'title=profile.title')).code).toBe(0);
    expect(await mappingOf('Okta')).toEqual(before);
    expect((await set('title=jobTitle')).code).toBe(2);
    await shell.json('connection', 'add', ...OF, '--provider', 'okta', '--name', 'Other', '--map', 'site=profile.workSite'); // prettier-ignore
    expect(await mappingOf('Other')).toEqual({ ...before, extras: { site: 'profile.workSite' } });
  });

  it('where the directory may not be asked, the standard ones, the mend, and exit code 6', async () => {
    okta.tokenRole.schemas = false;
    const { code, out, err } = await rollcall('connection', 'attributes', 'Okta');
    okta.tokenRole.schemas = true;
    expect([code, out]).toEqual([6, expect.stringContaining('profile.costCenter')]);
    expect(out).not.toContain('custom');
    expect(err).toMatch(/^Only the standard attributes: Okta does not let us read .*can be typed all the same\.\n/u);
  });

  it('of Google Workspace, by its custom schemas', async () => {
    const key = JSON.stringify(google.credentials.keyFile);
    const credentials = [`subject=${google.credentials.subject}`, 'method=key'].flatMap((one) => ['--credential', one]);
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-key-'));
    const file = join(folder, 'key.json');
    writeFileSync(file, key);
    await shell.json('connection', 'add', ...OF, '--provider', 'google', '--name', 'Google', ...credentials, '--credential', `key=@${file}`); // prettier-ignore
    rmSync(folder, { recursive: true });
    const { code, out } = await rollcall('connection', 'attributes', 'Google', '--custom');
    expect(code).toBe(0);
    expect(out).toMatch(/customSchemas\.Work\.Site +text, custom +– +Work: Work site\n/u);
    expect((await rollcall('connection', 'show', 'Google')).out).not.toContain('PRIVATE KEY');
  });
});
