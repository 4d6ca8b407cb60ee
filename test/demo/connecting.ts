import { DEPARTMENTS, TITLES } from '../simulators/index.ts';
import { Api, type Run } from './api.ts';
import { paint } from './screen.ts';
import { expect, expectEqual, seconds, type Side, type World } from './world.ts';

const ACME = 'acme';
const BIRCH = 'birch';

/** The service starts, two organisations are made, and each gets a key. By the operator, on the command line. */
export async function startHouse(world: World): Promise<void> {
  const { house, screen, company, okta, google } = world;
  screen.chapter('A company and its two directories');
  screen.say('Company', `${company.people.length.toLocaleString('en-US')} people in ${company.groups.length} groups`);
  screen.say('Okta', okta.url);
  screen.say('Google Workspace', google.url);

  screen.chapter('Rollcall starts on an empty database');
  await house.start();
  screen.say('Service', house.url);
  screen.say('Database', `embedded PostgreSQL in ${house.folder}`);
  await Promise.all(
    ['Acme', 'Birch'].map((name) => {
      const slug = name.toLowerCase();
      screen.typed(`rollcall organisation create ${name} --slug ${slug} --directory-sync --sso`);
      return house.asked('organisation', 'create', name, '--slug', slug, '--directory-sync', '--sso');
    }),
  );
  screen.typed(`rollcall key create -o ${ACME} --name demo --scopes all   (and for ${BIRCH})`);
  const [acme, birch] = await Promise.all([ACME, BIRCH].map((slug) => newKey(world, slug)));
  world.sides.push(
    { provider: 'okta', name: 'Okta', organisation: ACME, api: api(world, acme), connectionId: '' },
    { provider: 'google', name: 'Google Workspace', organisation: BIRCH, api: api(world, birch), connectionId: '' },
  );
  world.keys = { [ACME]: acme ?? '', [BIRCH]: birch ?? '' };
  await Promise.all(world.sides.map(({ api: of }) => makeFrameworks(of)));
  screen.say('POST', `/api/v1/frameworks, positions, teams: ${DEPARTMENTS.length} departments`);
}

/** What people can be: a team for each department, and its positions from junior to senior. */
async function makeFrameworks(of: Api): Promise<void> {
  await Promise.all(
    Object.entries(TITLES).map(async ([department, titles]) => {
      const { id: frameworkId } = await of.post<{ id: string }>('/api/v1/frameworks', { name: department });
      await of.post('/api/v1/teams', { name: department, frameworkId });
      for (const name of titles) await of.post('/api/v1/positions', { frameworkId, name });
    }),
  );
}

async function newKey({ house }: World, slug: string): Promise<string> {
  const args = ['key', 'create', '-o', slug, '--name', 'demo', '--scopes', 'all'];
  return (await house.asked<{ key: string }>(...args)).key;
}

function api({ house, signal }: World, key: string | undefined): Api {
  return new Api(house.url, key ?? '', signal);
}

/** Acme connects Okta by the command line. */
export async function connectOkta(world: World): Promise<void> {
  const { house, screen, okta } = world;
  screen.chapter('Acme connects Okta, on the command line');
  const credentials = { method: 'token', orgUrl: okta.url, token: okta.credentials.apiToken };
  screen.typed(`rollcall connection add -o ${ACME} --provider okta --name Okta …`);
  const { id } = await house.asked<{ id: string }>(
    ...['connection', 'add', '-o', ACME, '--provider', 'okta', '--name', 'Okta'],
    ...Object.entries(credentials).flatMap(([name, value]) => ['--credential', `${name}=${value}`]),
  );
  sideOf(world, 'okta').connectionId = id;
  await shown(world, ['connection', 'test', 'Okta', '-o', ACME]);
  await shown(world, ['connection', 'preview', 'Okta', '-o', ACME]);
  await shown(world, ['connection', 'confirm', 'Okta', '-o', ACME]);
}

/** Birch connects Google Workspace by the API. */
export async function connectGoogle(world: World): Promise<void> {
  const { screen, google } = world;
  const side = sideOf(world, 'google');
  screen.chapter('Birch connects Google Workspace, by the REST API');
  const { id } = await side.api.post<{ id: string }>('/api/v1/connections', {
    provider: 'google',
    name: 'Google',
    credentials: { method: 'key', key: google.credentials.keyFile, subject: google.credentials.subject },
  });
  side.connectionId = id;
  screen.say('POST', '/api/v1/connections');
  const test = await side.api.post<{ passed: boolean; checks: { outcome: string; name: string; message: string }[] }>(
    `/api/v1/connections/${id}/test`,
  );
  expect(test.passed, `The test of Google Workspace failed: ${JSON.stringify(test.checks)}`);
  screen.say('POST', `…/test: ${test.checks.filter((one) => one.outcome === 'passed').length} checks passed`);

  const asked = await side.api.post<Run>(`/api/v1/connections/${id}/previews`);
  const preview = await side.api.ended(asked.id);
  expect(preview.state === 'ready', `The preview of Google Workspace ended ${preview.state}.`);
  expect((await side.api.active()) === 0, 'A preview changed something.');
  screen.say('POST', `…/previews: ${preview.counts.add} would be added, ${preview.counts.skip} left out`);

  const confirmed = await side.api.post<Run>(`/api/v1/runs/${preview.id}/confirm`);
  const run = await side.api.ended(confirmed.id);
  expect(run.state === 'succeeded', `The first sync of Google Workspace ended ${run.state}.`);
  expect(run.counts.add === preview.counts.add, 'The first sync added others than the preview had shown.');
  screen.say('POST', `/api/v1/runs/…/confirm: ${run.counts.add} added in ${seconds(run)}`);
}

export async function synced(world: World): Promise<void> {
  const active = await expectEqual(world);
  world.screen.good('Synced', `${active.toLocaleString('en-US')} people are active, as both directories say`);
}

/** A command with its output, as somebody would see it. */
export async function shown({ house, screen }: World, args: readonly string[], wanted = 0): Promise<void> {
  screen.typed(`rollcall ${args.join(' ')}`);
  const { code, out, err } = await house.rollcall(args);
  screen.printed(code === wanted ? out : `${out}\n${err}`);
  expect(code === wanted, `rollcall ${args.join(' ')} ended with ${code}, not ${wanted}.`);
  if (wanted !== 0) screen.raw(`     ${paint('dim', `exit code ${wanted}`)}`);
}

export function sideOf(world: World, provider: Side['provider']): Side {
  const side = world.sides.find((one) => one.provider === provider);
  expect(side !== undefined, `There is no ${provider}.`);
  return side;
}
