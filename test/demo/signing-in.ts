import type { Person } from '../simulators/index.ts';
import { Browser } from './browser.ts';
import { paint } from './screen.ts';
import { arrived } from './story.ts';
import { shown, sideOf } from './connecting.ts';
import { expect, nameOf, subjectOf, syncBoth, type World } from './world.ts';

interface Provider {
  id: string;
  redirectUri: string;
}

/** Birch's people sign in with the account that they have: a joiner as soon as they are there, a leaver no more. */
export async function signingIn(world: World): Promise<void> {
  const provider = await setUp(world);
  await joiner(world, provider);
  await leaver(world, provider);
}

async function setUp(world: World): Promise<Provider> {
  const { screen, rig, company } = world;
  const { api, organisation } = sideOf(world, 'google');
  screen.chapter('Birch signs in at its own provider');
  screen.say('oidc-provider', rig.issuer);
  const { items } = await api.get<{ items: { name: string; verifiedBy: string }[] }>('/api/v1/domains');
  const proven = items.filter(({ name }) => company.domains.includes(name));
  expect(proven.length === company.domains.length, 'Google Workspace did not prove the domains of the company.');
  screen.say('Domains', `${proven.map(({ name }) => name).join(', ')}: proven by ${sideOf(world, 'google').name}`);
  const provider = await api.post<Provider>('/api/v1/identity-providers', {
    preset: 'generic',
    name: 'Birch',
    issuer: rig.issuer,
    clientId: rig.clientId,
    clientSecret: rig.clientSecret,
  });
  screen.say('POST', '/api/v1/identity-providers');
  const origin = new URL(provider.redirectUri).origin;
  rig.register({ redirectUri: provider.redirectUri, postLogoutUri: `${origin}/signed-out` });

  const somebody = employee(world, 100);
  const browser = new Browser(world);
  const test = await browser.post<{ id: string; url: string }>(
    `/api/v1/identity-providers/${provider.id}/tests`,
    {},
    { authorization: `Bearer ${world.keys[organisation] ?? ''}` },
  );
  await browser.go(await rig.newBrowser().signIn(test.body.url, subjectOf(somebody)));
  const path = `/api/v1/identity-providers/${provider.id}`;
  const tested = await api.get<{ state: string; claims: unknown[] }>(`${path}/tests/${test.body.id}`);
  expect(tested.state === 'done', `The test sign-in ended ${tested.state}.`);
  screen.say('Test sign-in', `${nameOf(somebody)} came back with ${tested.claims.length} claims; nobody was let in`);
  const enabled = await api.post<{ state: string }>(`${path}/enable`);
  expect(enabled.state === 'active', 'The provider was not enabled.');
  await shown(world, ['provider', 'list', '-o', organisation]);
  return provider;
}

async function joiner(world: World, provider: Provider): Promise<void> {
  const { screen, company } = world;
  screen.chapter('A joiner signs in');
  const [who] = company.join(1, { department: 'Engineering', title: 'Engineer' });
  expect(who !== undefined, 'Nobody joined.');
  screen.say('In the directory', `${nameOf(who)} joins`);
  const early = await signIn(world, provider, who);
  expectRefused(early, 'We do not know this account here.');
  screen.say('Before the sync', 'refused: “We do not know this account here.”');
  await arrived(world, { kinds: { add: 1 } });
  const began = performance.now();
  const { status, browser } = await signIn(world, provider, who);
  const took = performance.now() - began;
  const session = await browser.session();
  expect(status === 303 && session.person?.email === who.email, `${nameOf(who)} was not let in (${status}).`);
  screen.good('Signed in', `${nameOf(who)}, there and back in ${Math.round(took)} ms`);
}

async function leaver(world: World, provider: Provider): Promise<void> {
  const { screen, company } = world;
  screen.chapter('A leaver with an open session');
  const who = employee(world, 140);
  const { browser } = await signIn(world, provider, who);
  const before = await browser.get('/api/v1/me/sessions');
  expect(before.status === 200, `${nameOf(who)} was not let in.`);
  screen.say('Signed in', `${nameOf(who)}: GET /api/v1/me/sessions answers 200`);
  const there = world.rig.newBrowser();
  const begun = await begin(world, browser, provider);
  const back = await there.signIn(begun, subjectOf(who));
  company.leave([who]);
  screen.say('In the directory', `${nameOf(who)} leaves`);
  const side = sideOf(world, 'google');
  const run = (await syncBoth(world)).find((one) => one.side === side)?.run;
  const after = await browser.get('/api/v1/me/sessions');
  const since = Date.now() - Date.parse(run?.finishedAt ?? '');
  expect(run?.counts.archive === 1, `${run?.counts.archive ?? 0} people were archived instead of one.`);
  expect(after.status === 401, `The open session of a leaver was answered ${after.status}.`);
  screen.good('Out', `the next request, ${since} ms after the end of the run, is answered ${paint('bold', '401')}`);
  const late = await browser.go(back);
  expectRefused({ status: late.status, page: await late.text() }, 'Your access has ended.');
  screen.good('And stays out', 'also who was at the provider when it happened: “Your access has ended.”');
}

async function signIn(world: World, provider: Provider, who: Person) {
  const browser = new Browser(world);
  const back = await world.rig.newBrowser().signIn(await begin(world, browser, provider), subjectOf(who));
  const answer = await browser.go(back);
  return { status: answer.status, page: await answer.text(), browser };
}

/** Where the browser is sent to sign in. */
async function begin(world: World, browser: Browser, { id }: Provider): Promise<string> {
  const slug = sideOf(world, 'google').organisation;
  const { body } = await browser.post<{ url: string }>('/api/v1/sign-in/provider', { slug, providerId: id });
  return body.url;
}

function expectRefused({ status, page }: { status: number; page: string }, sentence: string): void {
  expect(status === 403 && page.includes(sentence), `Instead of “${sentence}” came ${status}.`);
}

/** Somebody from a place in the list on who manages nobody. */
function employee({ company }: World, from: number): Person {
  const managers = new Set(company.people.map((one) => one.manager));
  const employed = company.employed().filter((one) => one.family !== '' && !managers.has(one.n));
  const person = employed.find((one) => one.n > from) ?? employed.at(-1);
  expect(person !== undefined, 'The company has nobody to sign in.');
  return person;
}
