import { DEPARTMENTS, TITLES } from '../simulators/index.ts';
import { Api, type Run } from './api.ts';
import { paint } from './screen.ts';
import { expect, expectEqual, seconds, type Side, type World } from './world.ts';

const ACME = 'acme';
const BIRCH = 'birch';
/** Has no directory. */
export const CEDAR = 'cedar';

/** The service starts, organisations are made, and each gets a key. By the operator, on the command line. */
export async function startHouse(world: World): Promise<void> {
  const { house, screen, company, okta, google } = world;
  screen.chapter('A company and its two directories');
  screen.say('Company', `${company.people.length.toLocaleString('en-US')} people in ${company.groups.length} groups`);
  screen.say('Okta', okta.url);
  screen.say('Google Workspace', google.url);
  screen.say('Mails', `${world.post.url} shows every mail that Rollcall sends; none leaves this machine`);

  screen.chapter('Rollcall starts on an empty database');
  await house.start();
  screen.say('Service', house.url);
  screen.say('Database', `embedded PostgreSQL in ${house.folder}`);
  const synced = ['--directory-sync', '--sso'];
  await Promise.all(
    [[ACME, ...synced], [BIRCH, ...synced], [CEDAR]].map(([slug = '', ...features]) => {
      const name = slug.charAt(0).toUpperCase() + slug.slice(1);
      const args = ['organisation', 'create', name, '--slug', slug, ...features];
      screen.typed(`rollcall ${args.join(' ')}`);
      return house.asked(...args);
    }),
  );
  screen.typed(`rollcall key create -o ${ACME} --name demo --scopes all   (and for the others)`);
  const slugs = [ACME, BIRCH, CEDAR];
  const keys = await Promise.all(slugs.map((slug) => newKey(world, slug)));
  world.keys = Object.fromEntries(slugs.map((slug, at) => [slug, keys[at] ?? '']));
  world.sides.push(
    { provider: 'okta', name: 'Okta', organisation: ACME, api: api(world, ACME), connectionId: '' },
    { provider: 'google', name: 'Google Workspace', organisation: BIRCH, api: api(world, BIRCH), connectionId: '' },
  );
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

/** The API of an organisation, by its key. */
export function api({ house, signal, keys }: World, slug: string): Api {
  return new Api(house.url, keys[slug] ?? '', signal);
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
  const command = `rollcall ${args.map((one) => (/[\s<>]/u.test(one) ? `"${one}"` : one)).join(' ')}`;
  screen.typed(command);
  const { code, out, err } = await house.rollcall(args);
  screen.printed(code === wanted ? out : `${out}\n${err}`);
  expect(code === wanted, `${command} ended with ${code}, not ${wanted}.`);
  if (wanted !== 0) screen.raw(`     ${paint('dim', `exit code ${wanted}`)}`);
}

export function sideOf(world: World, provider: Side['provider']): Side {
  const side = world.sides.find((one) => one.provider === provider);
  expect(side !== undefined, `There is no ${provider}.`);
  return side;
}
