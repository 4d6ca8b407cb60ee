import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCompany, ManualClock, serveOkta, type Company, type OktaSimulator, type Person } from '../index.ts';
import { get, ssws, type Got } from '../http/testing.ts';

interface User {
  id: string;
  status: string;
  lastUpdated: string;
  profile: Record<string, unknown>;
}

let clock: ManualClock;
let company: Company;
let okta: OktaSimulator;

beforeEach(async () => {
  clock = new ManualClock();
  company = makeCompany({ people: 450, seed: 5, clock });
  okta = await serveOkta(company);
});

afterEach(() => okta.close());

function ask(path: string): Promise<Got> {
  return get(path.startsWith('http') ? path : `${okta.url}${path}`, ssws(okta));
}

async function all<T = User>(path: string): Promise<T[]> {
  const found: T[] = [];
  for (let url: string | null = path; url !== null;) {
    const page: Got = await ask(url);
    expect(page.status).toBe(200);
    found.push(...(page.body as T[]));
    url = page.next;
  }
  return found;
}

const ids = (people: readonly Person[]): string[] => people.map((person) => okta.ids.person(person.n)).sort();
const found = (users: readonly { id: string }[]): string[] => users.map((user) => user.id).sort();
const search = (text: string, more = ''): string => `/api/v1/users?search=${encodeURIComponent(text)}${more}`;
const filter = (text: string): string => `/api/v1/users?filter=${encodeURIComponent(text)}`;

describe('listing users', () => {
  it('gives at most 200 by Link, self and next, and refuses more', async () => {
    const page = await ask('/api/v1/users');
    expect(page.body).toHaveLength(200);
    const link = page.headers.get('link') ?? '';
    expect(link).toContain(`<${okta.url}/api/v1/users>; rel="self"`);
    expect(link).toMatch(/rel="next"/);
    expect((await ask('/api/v1/users?limit=201')).body).toMatchObject({ errorCode: 'E0000001' });
  });

  it('leaves the deprovisioned out; a filter on status finds them, and both make the whole', async () => {
    company.leave(5);
    const plain = await all('/api/v1/users?limit=100');
    const gone = await all(filter('status eq "DEPROVISIONED"'));
    const deprovisioned = company.people.filter((person) => person.state === 'left');
    expect(plain.some((user) => user.status === 'DEPROVISIONED')).toBe(false);
    expect(found(gone)).toEqual(ids(deprovisioned));
    expect(plain.length + gone.length).toBe(company.people.length);
  });

  it('the erased are nowhere: no list, no filter, 404 E0000007 by id', async () => {
    const [person] = company.erase(1);
    const id = okta.ids.person(person?.n ?? -1);
    expect(found(await all('/api/v1/users'))).not.toContain(id);
    expect(found(await all(filter('status eq "DEPROVISIONED"')))).not.toContain(id);
    const point = await ask(`/api/v1/users/${id}`);
    expect([point.status, point.body]).toMatchObject([404, { errorCode: 'E0000007' }]);
  });

  it('needs its cursor whole, and refuses one that it did not give', async () => {
    const { next } = await ask('/api/v1/users?limit=10');
    const cursor = new URL(next ?? '').searchParams.get('after') ?? '';
    expect(cursor).toMatch(/[+&]/);
    const wrong = await ask('/api/v1/users?limit=10&after=made-up');
    expect([wrong.status, wrong.body]).toMatchObject([400, { errorCode: 'E0000053' }]);
    await using other = await serveOkta(makeCompany({ people: 450, seed: 6, clock }));
    const foreign = new URL((await get(`${other.url}/api/v1/users?limit=10`, ssws(other))).next ?? '');
    expect((await ask(foreign.pathname + foreign.search)).status).toBe(400);
  });

  it('leaves out what is null, or writes it when told to', async () => {
    const person = company.employed().find((one) => one.family === '');
    const path = `/api/v1/users/${okta.ids.person(person?.n ?? -1)}`;
    expect(((await ask(path)).body as User).profile).not.toHaveProperty('lastName');
    okta.settings.writeNulls = true;
    expect(((await ask(path)).body as User).profile['lastName']).toBeNull();
  });

  it('projects fields, and leaves credentials out when asked', async () => {
    const [user] = (await ask('/api/v1/users?limit=1&fields=id,status,profile:(login,email)')).body as User[];
    expect(Object.keys(user ?? {})).toEqual(['id', 'status', 'profile']);
    expect(Object.keys(user?.profile ?? {})).toEqual(['login', 'email']);
    const lean = { ...ssws(okta), 'content-type': 'application/json; okta-response=omitCredentials' };
    const [without] = (await get(`${okta.url}/api/v1/users?limit=1`, lean)).body as User[];
    expect(without).not.toHaveProperty('credentials');
    expect(((await ask('/api/v1/users?limit=1')).body as User[])[0]).toHaveProperty('credentials');
  });

  it('shows each status as Okta names it', async () => {
    const [staged, suspended, locked] = [company.stage(1), company.suspend(1), company.setFlavour(1, 'LOCKED_OUT')];
    const status = async (people: readonly Person[]): Promise<string> =>
      ((await ask(`/api/v1/users/${okta.ids.person(people[0]?.n ?? -1)}`)).body as User).status;
    expect([await status(staged), await status(suspended), await status(locked)]).toEqual([
      'STAGED',
      'SUSPENDED',
      'LOCKED_OUT',
    ]);
  });

  it('somebody moved ahead of the cursor is missed, somebody new at the end is not', async () => {
    const { next } = await ask('/api/v1/users?limit=200');
    const joined = company.join(1);
    const rest = await all(next ?? '');
    expect(found(rest)).toContain(ids(joined)[0]);
  });
});

describe('filter and search', () => {
  it('filter compares lastUpdated, is sensitive to case, and knows no not', async () => {
    const since = new Date(clock.now()).toISOString();
    clock.advance(1000);
    const edited = company.edit(3);
    expect(found(await all(filter(`lastUpdated gt "${since}"`)))).toEqual(ids(edited));
    const { email } = company.admin;
    expect(await all(filter(`profile.email eq "${email}"`))).toHaveLength(1);
    expect(await all(filter(`profile.email eq "${email.toUpperCase()}"`))).toHaveLength(0);
    for (const bad of ['not (status eq "ACTIVE")', 'profile.title eq "x"', 'status gt "A"', 'status eq', '"']) {
      const refused = await ask(filter(bad));
      expect([bad, refused.status, refused.body]).toMatchObject([bad, 400, { errorCode: 'E0000031' }]);
    }
  });

  it('search takes any attribute, ignores case of values, finds the deprovisioned, and sorts', async () => {
    clock.advance(1000);
    const since = new Date(clock.now() - 1).toISOString();
    const [left] = company.leave(1);
    clock.advance(1000);
    const [edited] = company.edit(1, { title: 'Zookeeper' });
    const changed = await all(search(`lastUpdated gt "${since}"`, '&sortBy=lastUpdated&sortOrder=asc'));
    expect(changed.map((user) => user.id)).toEqual([left, edited].map((person) => okta.ids.person(person?.n ?? -1)));
    expect(await all(search('profile.title eq "ZOOKEEPER"'))).toHaveLength(1);
    expect(await all(search('profile.workSite sw "site d"'))).not.toHaveLength(0);
    expect((await ask(search('profile.title co "oo"'))).status).toBe(400);
  });

  it('search lags behind when told to, and answers with the person of today', async () => {
    okta.settings.searchLagMs = 60_000;
    const since = new Date(clock.now() - 1).toISOString();
    const [person] = company.edit(1, { title: 'Falconer' });
    const joined = company.join(1);
    const question = search(`lastUpdated gt "${since}"`);
    expect(await all(question)).toEqual([]);
    expect((await ask(`/api/v1/users/${okta.ids.person(person?.n ?? -1)}`)).body).toMatchObject({
      profile: { title: 'Falconer' },
    });
    clock.advance(60_000);
    expect(found(await all(question))).toEqual(ids([...(person ? [person] : []), ...joined]));
  });
});

describe('single reads', () => {
  it('finds by id, by login, and by the part before the @ where it is unambiguous', async () => {
    const [person] = company.join(1, { email: 'only.one@example.com' });
    const id = okta.ids.person(person?.n ?? -1);
    for (const key of [id, 'only.one@example.com', 'only.one']) {
      expect((await ask(`/api/v1/users/${encodeURIComponent(key)}`)).body).toMatchObject({ id });
    }
  });

  it('a deprovisioned user is still read by id', async () => {
    const [person] = company.leave(1);
    const point = await ask(`/api/v1/users/${okta.ids.person(person?.n ?? -1)}`);
    expect([point.status, (point.body as User).status]).toEqual([200, 'DEPROVISIONED']);
  });

  it('names groups with Everyone as BUILT_IN, and says nothing of nesting', async () => {
    const person = company.employed()[1] as Person;
    const groups = (await ask(`/api/v1/users/${okta.ids.person(person.n)}/groups`)).body as { type: string }[];
    expect(groups.filter((group) => group.type === 'BUILT_IN')).toHaveLength(1);
  });
});

describe('groups and applications', () => {
  it('members of a group keep the suspended and lose the deprovisioned', async () => {
    const people = company.employed().slice(1, 5);
    const group = company.addGroup('Four', people);
    company.suspend(people.slice(0, 1));
    company.leave(people.slice(1, 2));
    const members = await all(`/api/v1/groups/${okta.ids.group('Four')}/users?limit=2`);
    expect(found(members)).toEqual(ids(people.filter((person) => person !== people[1])));
    company.deleteGroup(group);
    const path = `/api/v1/groups/${company.ids.okta('group', group.n)}/users`;
    expect((await ask(path)).body).toMatchObject({ errorCode: 'E0000007' });
  });

  it('membership moves lastMembershipUpdated of the group and not lastUpdated of the person', async () => {
    const person = company.employed()[1] as Person;
    const since = new Date(clock.now()).toISOString();
    const before = person.lastUpdated;
    clock.advance(1000);
    company.addToGroup(company.group('Nobody yet'), person);
    const path = `/api/v1/groups?filter=${encodeURIComponent(`lastMembershipUpdated gt "${since}"`)}`;
    const groups = await all<{ id: string; profile: { name: string } }>(path);
    expect(groups.map((group) => group.profile.name)).toEqual(['Nobody yet']);
    expect(person.lastUpdated).toBe(before);
  });

  it('expand=stats counts members', async () => {
    const groups = await all<{ profile: { name: string }; _embedded: { stats: { usersCount: number } } }>(
      '/api/v1/groups?expand=stats',
    );
    const everyone = groups.find((group) => group.profile.name === 'Everyone');
    expect(everyone?._embedded.stats.usersCount).toBe((await all('/api/v1/users')).length);
  });

  it('assignments come directly or through a group, with the user only if expanded', async () => {
    const path = `/api/v1/apps/${okta.ids.application}/users`;
    const assigned = await all<{ id: string; scope: string; status: string }>(`${path}?limit=500&expand=user`);
    expect(new Set(assigned.map((one) => one.scope))).toEqual(new Set(['USER', 'GROUP']));
    expect(assigned[0]).toMatchObject({ status: 'ACTIVE', _embedded: { user: { id: assigned[0]?.id } } });
    const [bare] = (await ask(path)).body as object[];
    expect(bare).not.toHaveProperty('_embedded');
    expect((await ask(path)).body).toHaveLength(50);
    company.application.implicit = true;
    expect(((await ask(path)).body as { status: string }[])[0]?.status).toBe('IMPLICIT');
  });

  it('deactivating takes the assignment away; the assignment of one is read directly', async () => {
    const person = company.employed().find((one) => company.oktaAssignment(one)) as Person;
    const path = `/api/v1/apps/${okta.ids.application}/users/${okta.ids.person(person.n)}`;
    expect((await ask(path)).status).toBe(200);
    company.leave(person);
    expect((await ask(path)).body).toMatchObject({ errorCode: 'E0000007' });
  });

  it('gives the groups of an application and the custom attributes of the schema', async () => {
    const groups = await all<{ id: string }>(`/api/v1/apps/${okta.ids.application}/groups?limit=3`);
    expect(groups).toHaveLength(company.application.groups.size);
    const schema = (await ask('/api/v1/meta/schemas/user/default')).body as {
      definitions: { base: { properties: Record<string, object> }; custom: { properties: Record<string, object> } };
    };
    expect(schema.definitions.base.properties['login']).toMatchObject({
      title: 'Username',
      type: 'string',
      required: true,
    });
    expect(schema.definitions.custom.properties['badges']).toMatchObject({ type: 'array', items: { type: 'string' } });
    expect(Object.keys(schema.definitions.base.properties)).toHaveLength(31);
    expect(Object.keys(schema.definitions.custom.properties)).toEqual(['workSite', 'badges']);
  });
});

describe('limits', () => {
  it('tells each bucket’s share in headers, a get by id not eating the list’s, and 429 E0000047 beyond', async () => {
    okta.settings.rateLimits['users'] = 2;
    await ask(`/api/v1/users/${okta.ids.person(0)}`);
    const [first, second, third] = [await ask('/api/v1/users'), await ask('/api/v1/users'), await ask('/api/v1/users')];
    const left = [first, second, third].map((page) => page.headers.get('x-rate-limit-remaining'));
    expect(left).toEqual(['1', '0', '0']);
    expect([third.status, third.body]).toMatchObject([429, { errorCode: 'E0000047' }]);
    const reset = Number(third.headers.get('x-rate-limit-reset'));
    expect(reset * 1000 - clock.now()).toBeLessThanOrEqual(61_000);
    clock.advance(61_000);
    expect((await ask('/api/v1/users')).status).toBe(200);
  });

  it('too many at once is a 429 with limit and remaining 0', async () => {
    okta.settings.concurrencyLimit = 1;
    okta.setLatency(50);
    const answers = await Promise.all([ask('/api/v1/users'), ask('/api/v1/users')]);
    const refused = answers.find((answer) => answer.status === 429);
    expect(refused?.headers.get('x-rate-limit-limit')).toBe('0');
    expect(refused?.headers.get('x-rate-limit-remaining')).toBe('0');
  });

  it('every response has a request id, every error the five fields', async () => {
    const refused = await get(`${okta.url}/api/v1/users`, {});
    expect(refused.headers.get('x-okta-request-id')).toBeTruthy();
    expect(Object.keys(refused.body as object).sort()).toEqual([
      'errorCauses',
      'errorCode',
      'errorId',
      'errorLink',
      'errorSummary',
    ]);
  });
});
