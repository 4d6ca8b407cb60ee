import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCompany, ManualClock, serveGoogle, type Company, type GoogleSimulator, type Person } from '../index.ts';
import { bearer, get, type Got } from '../http/testing.ts';

interface User {
  id: string;
  primaryEmail: string;
  suspended: boolean;
  [field: string]: unknown;
}

interface Page {
  users?: User[];
  nextPageToken?: string;
  [field: string]: unknown;
}

const DAY = 86_400_000;
let clock: ManualClock;
let company: Company;
let google: GoogleSimulator;
let headers: Record<string, string>;

beforeEach(async () => {
  clock = new ManualClock();
  company = makeCompany({ people: 450, seed: 5, clock });
  google = await serveGoogle(company);
  headers = await bearer(google);
});

afterEach(() => google.close());

const ask = (path: string, query: Record<string, string> = {}): Promise<Got> =>
  get(`${google.url}/admin/directory/v1${path}?${new URLSearchParams(query).toString()}`, headers);
const users = async (query: Record<string, string> = {}): Promise<Got> =>
  ask('/users', { customer: 'my_customer', ...query });
const id = (person: Person | undefined): string => google.ids.person(person?.n ?? -1);
const reason = (got: Got): unknown => [
  got.status,
  (got.body as { error: { errors: { reason: string }[] } }).error.errors[0]?.reason,
];

async function all(query: Record<string, string> = {}): Promise<User[]> {
  const found: User[] = [];
  let token: string | undefined;
  do {
    const got = await users({ maxResults: '100', ...query, ...(token === undefined ? {} : { pageToken: token }) });
    expect(got.status).toBe(200);
    const page = got.body as Page;
    found.push(...(page.users ?? []));
    token = page.nextPageToken;
  } while (token !== undefined);
  return found;
}

describe('listing users', () => {
  it('gives 100 by default, 500 at most, and the token only while there is more', async () => {
    expect(((await users()).body as Page).users).toHaveLength(100);
    expect(reason(await users({ maxResults: '501' }))).toEqual([400, 'invalid']);
    const whole = (await users({ maxResults: '500' })).body as Page;
    expect(whole).not.toHaveProperty('nextPageToken');
    expect((await all()).length).toBe(whole.users?.length);
  });

  it('needs customer or domain; a domain narrows; another customer is none of yours', async () => {
    expect(reason(await ask('/users'))).toEqual([400, 'badRequest']);
    expect(reason(await ask('/users', { domain: 'unknown.example' }))).toEqual([404, 'notFound']);
    const page = (await ask('/users', { domain: 'example.com', maxResults: '500' })).body as Page;
    expect(page.users?.every((user) => user.primaryEmail.endsWith('@example.com'))).toBe(true);
    expect(reason(await ask('/users', { customer: 'C0other' }))).toEqual([403, 'forbidden']);
    expect((await ask('/users', { customer: google.ids.customer })).status).toBe(200);
  });

  it('shows suspended and archived people, never the deleted; showDeleted shows only those of 20 days, sparse', async () => {
    const [suspended, archived, left] = [company.suspend(1), company.archive(1), company.leave(1)];
    const plain = await all();
    const byId = new Map(plain.map((user) => [user.id, user]));
    expect(byId.get(id(suspended[0]))).toMatchObject({ suspended: true, suspensionReason: 'ADMIN' });
    expect(byId.get(id(archived[0]))).toMatchObject({ archived: true, suspended: false });
    expect(byId.has(id(left[0]))).toBe(false);
    const [deleted, ...others] = await all({ showDeleted: 'true' });
    expect(others).toEqual([]);
    expect(Object.keys(deleted ?? {}).sort()).toEqual(['deletionTime', 'etag', 'id', 'kind', 'primaryEmail']);
    expect(deleted?.id).toBe(id(left[0]));
    clock.advance(20 * DAY);
    headers = await bearer(google);
    expect((await users({ showDeleted: 'true' })).body).not.toHaveProperty('users');
  });

  it('showDeleted of any other value but true means nothing', async () => {
    company.leave(1);
    expect((await all({ showDeleted: '1' })).length).toBe((await all()).length);
  });

  it('a purged person is nowhere', async () => {
    const [person] = company.purge(1);
    expect(await all({ showDeleted: 'true' })).toEqual([]);
    expect(reason(await ask(`/users/${id(person)}`))).toEqual([404, 'notFound']);
  });

  it('has no users key when there is nobody', async () => {
    const body = (await users({ query: 'email:nobody*' })).body;
    expect(body).not.toHaveProperty('users');
    expect(body).toMatchObject({ kind: 'admin#directory#users' });
  });

  it('custom schemas come with projection full or custom only', async () => {
    const first = async (query: Record<string, string>): Promise<User | undefined> =>
      ((await users({ maxResults: '1', ...query })).body as Page).users?.[0];
    expect(await first({})).not.toHaveProperty('customSchemas');
    expect(Object.keys((await first({ projection: 'full' }))?.['customSchemas'] as object)).toContain('Work');
    const custom = await first({ projection: 'custom', customFieldMask: 'Safety' });
    expect(Object.keys(custom?.['customSchemas'] as object)).toEqual(['Safety']);
    expect(reason(await users({ projection: 'custom' }))).toEqual([400, 'invalid']);
  });

  it('fields that forget nextPageToken end the listing after one page', async () => {
    const forgot = (await users({ fields: 'users(id)' })).body as Page;
    expect(Object.keys(forgot)).toEqual(['users']);
    expect(Object.keys(forgot.users?.[0] ?? {})).toEqual(['id']);
    const asked = (await users({ fields: 'nextPageToken,users(id,name/givenName)' })).body as Page;
    expect(Object.keys(asked).sort()).toEqual(['nextPageToken', 'users']);
    expect(Object.keys(asked.users?.[0]?.['name'] as object)).toEqual(['givenName']);
    expect(reason(await users({ fields: 'items(id)' }))).toEqual([400, 'invalidParameter']);
  });

  it('orders by address when asked, and pages on in that order', async () => {
    const emails = (await all({ orderBy: 'email' })).map((user) => user.primaryEmail);
    expect(emails).toEqual([...emails].sort());
    expect(emails).toHaveLength((await all()).length);
  });

  it('a page token fits its own parameters for three days, and a listing ends after 60 minutes', async () => {
    const { nextPageToken = '' } = (await users()).body as Page;
    expect(nextPageToken).toMatch(/[+&]/);
    expect(reason(await users({ pageToken: nextPageToken, projection: 'full' }))).toEqual([400, 'invalid']);
    expect(reason(await users({ pageToken: 'made up' }))).toEqual([400, 'invalid']);
    clock.advance(3_600_001);
    headers = await bearer(google);
    expect(reason(await users({ pageToken: nextPageToken }))).toEqual([503, 'backendError']);
    clock.advance(3 * DAY);
    headers = await bearer(google);
    expect(reason(await users({ pageToken: nextPageToken }))).toEqual([400, 'invalid']);
  });

  it('a query on orgUnitPath takes what is below; clauses all have to hold; queries lag when told to', async () => {
    const below = await all({ query: "orgUnitPath='/Contractors' isSuspended=false" });
    const paths = new Set(below.map((user) => user['orgUnitPath']));
    expect(paths).toEqual(new Set(['/Contractors', '/Contractors/External Audit']));
    expect(below.some((user) => user.suspended)).toBe(false);
    google.settings.searchLagMs = 3_600_000;
    const [person] = company.suspend(1);
    const suspended = async (): Promise<string[]> => (await all({ query: 'isSuspended=true' })).map((user) => user.id);
    expect(await suspended()).not.toContain(id(person));
    expect((await ask(`/users/${id(person)}`)).body).toMatchObject({ suspended: true });
    expect(reason(await users({ query: 'nonsense' }))).toEqual([400, 'invalid']);
  });
});

describe('a user', () => {
  it('is found by id, address and former address; renaming keeps the id and makes an alias', async () => {
    const [person] = company.marry(1);
    const former = person?.aliases[0] ?? '';
    for (const key of [id(person), person?.email ?? '', former]) {
      const got = await ask(`/users/${encodeURIComponent(key)}`);
      expect(got.body).toMatchObject({ id: id(person), primaryEmail: person?.email, aliases: [former] });
    }
  });

  it('has the manager as an e-mail in relations and the employee number in externalIds', async () => {
    const person = company.employed().find((one) => one.manager !== null);
    const boss = company.person(person?.manager ?? 0);
    expect((await ask(`/users/${id(person)}`)).body).toMatchObject({
      relations: [{ type: 'manager', value: boss.email }],
      externalIds: [{ type: 'organization', value: person?.employeeNumber }],
      orgUnitPath: company.unitPath(person?.unit ?? 0),
    });
  });

  it('who never signed in has 1970, and somebody staged waits for the first sign-in', async () => {
    const [person] = company.stage(1);
    expect((await ask(`/users/${id(person)}`)).body).toMatchObject({
      lastLoginTime: '1970-01-01T00:00:00.000Z',
      suspended: true,
      suspensionReason: 'WEB_LOGIN_REQUIRED',
    });
  });

  it.each([
    [404, 'notFound'],
    [403, 'forbidden'],
    [410, 'deleted'],
    [412, 'conditionNotMet'],
  ] as const)('once deleted may be answered with %i %s', async (status, why) => {
    google.settings.deletedAnswer = status;
    const [person] = company.leave(1);
    expect(reason(await ask(`/users/${id(person)}`))).toEqual([status, why]);
    company.returnBack(person ?? 0);
    expect((await ask(`/users/${id(person)}`)).status).toBe(200);
  });
});

describe('groups', () => {
  interface Member {
    id: string;
    type: string;
    email?: string;
    status?: string;
  }
  const members = async (key: string, query = {}): Promise<Member[]> =>
    ((await ask(`/groups/${encodeURIComponent(key)}/members`, query)).body as { members?: Member[] }).members ?? [];

  it('list without Everyone, with the count as text, and by member', async () => {
    const { groups } = (await ask('/groups', { customer: 'my_customer' })).body as {
      groups: { name: string; directMembersCount: string }[];
    };
    expect(groups.map((group) => group.name)).not.toContain('Everyone');
    expect(typeof groups[0]?.directMembersCount).toBe('string');
    const person = company.person([...company.group('Design').members][0] ?? 0);
    const mine = (await ask('/groups', { userKey: id(person) })).body as { groups: { name: string }[] };
    expect(mine.groups.map((group) => group.name)).toContain('Design');
    expect(mine.groups.map((group) => group.name)).not.toContain('All staff');
  });

  it('have people, groups, strangers and everybody as members; there is no members key when empty', async () => {
    company.group('Partners').wholeCustomer = true;
    const partners = await members(google.ids.group('Partners'));
    expect(new Set(partners.map((member) => member.type))).toEqual(new Set(['USER', 'EXTERNAL', 'CUSTOMER']));
    expect(partners.find((member) => member.type === 'CUSTOMER')).not.toHaveProperty('email');
    expect((await ask(`/groups/${google.ids.group('Nobody yet')}/members`)).body).not.toHaveProperty('members');
  });

  it('nested groups are entries, flattened on request, cycles included', async () => {
    company.nest(company.group('All staff'), company.group('Design'));
    const direct = await members('all-staff@example.com');
    expect(direct.filter((member) => member.type === 'GROUP')).not.toHaveLength(0);
    const key = google.ids.group('All staff');
    const flat: Member[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const query: Record<string, string> = { includeDerivedMembership: 'true' };
      if (token !== '') query['pageToken'] = token;
      const page = (await ask(`/groups/${key}/members`, query)).body as { members: Member[]; nextPageToken?: string };
      flat.push(...page.members);
      token = page.nextPageToken;
    }
    const people = flat.filter((member) => member.type === 'USER').map((member) => member.id);
    const everybody = [...company.googleMembers(company.group('All staff'))].map((n) => google.ids.person(n));
    expect(people.sort()).toEqual(everybody.sort());
    expect(flat.some((member) => member.type === 'GROUP')).toBe(true);
  });

  it('the deleted are in no group, the suspended stay with their status', async () => {
    const people = company.employed().slice(1, 3);
    company.addGroup('Pair', people);
    company.suspend(people.slice(0, 1));
    company.leave(people.slice(1));
    expect(await members(google.ids.group('Pair'))).toMatchObject([{ id: id(people[0]), status: 'SUSPENDED' }]);
  });

  it('hasMember knows people however deep, refuses strangers; a deleted group is 404', async () => {
    const deep = company.employed()[5];
    const inner = company.addGroup('Inner', deep ? [deep] : []);
    const outer = company.addGroup('Outer');
    company.nest(inner, outer);
    const key = google.ids.group('Outer');
    expect((await ask(`/groups/${key}/hasMember/${id(deep)}`)).body).toEqual({ isMember: true });
    expect((await ask(`/groups/${key}/hasMember/${id(company.employed()[6])}`)).body).toEqual({ isMember: false });
    expect(reason(await ask(`/groups/${key}/hasMember/someone@else.example`))).toEqual([400, 'invalid']);
    company.deleteGroup(outer);
    expect(reason(await ask(`/groups/${key}/members`))).toEqual([404, 'notFound']);
  });
});

describe('the rest of the directory', () => {
  it('units: children by default, all below, the parent only if included; ids begin with id:', async () => {
    const list = async (query: Record<string, string>): Promise<{ orgUnitId: string; orgUnitPath: string }[]> => {
      const { body } = await ask('/customer/my_customer/orgunits', query);
      return (body as { organizationUnits?: { orgUnitId: string; orgUnitPath: string }[] }).organizationUnits ?? [];
    };
    expect((await list({})).map((unit) => unit.orgUnitPath)).toEqual(['/Employees', '/Contractors']);
    const below = await list({ type: 'all' });
    expect(below).toHaveLength(company.units.length - 1);
    expect(await list({ type: 'allIncludingParent' })).toHaveLength(company.units.length);
    const unit = below.find((one) => one.orgUnitPath === '/Contractors/External Audit');
    expect(unit?.orgUnitId).toMatch(/^id:/);
    for (const key of ['Contractors/External%20Audit', encodeURIComponent(unit?.orgUnitId ?? '')]) {
      expect((await ask(`/customer/my_customer/orgunits/${key}`)).body).toMatchObject({ orgUnitId: unit?.orgUnitId });
    }
    expect(reason(await ask('/customer/my_customer/orgunits/Nowhere'))).toEqual([404, 'notFound']);
  });

  it('schemas, domains with their verification, and the customer', async () => {
    google.settings.unverifiedDomains.push('mail.example.org');
    const { domains } = (await ask('/customer/my_customer/domains')).body as {
      domains: { domainName: string; isPrimary: boolean; verified: boolean }[];
    };
    expect(domains.map((one) => [one.domainName, one.isPrimary, one.verified])).toEqual([
      ['example.com', true, true],
      ['example.co.uk', false, true],
      ['mail.example.org', false, false],
    ]);
    expect((await ask('/customers/my_customer')).body).toMatchObject({ id: google.ids.customer });
    const { schemas } = (await ask('/customer/my_customer/schemas')).body as { schemas: { schemaName: string }[] };
    expect(schemas.map((schema) => schema.schemaName)).toEqual(['Work', 'Safety']);
    const masked = await ask('/customer/my_customer/schemas', {
      fields: 'schemas(schemaName,fields(fieldName,multiValued))',
    });
    expect((masked.body as { schemas: object[] }).schemas[1]).toEqual({
      schemaName: 'Safety',
      fields: [{ fieldName: 'Badges', multiValued: true }],
    });
  });

  it('the admin log gives newest first, addresses instead of ids, and pages', async () => {
    const [left] = company.leave(1);
    clock.advance(1000);
    const [married] = company.marry(1);
    const path = `${google.url}/admin/reports/v1/activity/users/all/applications/admin`;
    interface Activities {
      items: { id: { uniqueQualifier: string }; events: { name: string; parameters: { value: string }[] }[] }[];
      nextPageToken?: string;
    }
    const first = (await get(`${path}?maxResults=1`, headers)).body as Activities;
    expect(first.items[0]?.events[0]).toMatchObject({ name: 'RENAME_USER' });
    expect(first.items[0]?.events[0]?.parameters.map((one) => one.value)).toEqual([
      married?.aliases[0],
      married?.email,
    ]);
    const token = encodeURIComponent(first.nextPageToken ?? '');
    const second = (await get(`${path}?maxResults=1&pageToken=${token}`, headers)).body as Activities;
    expect(second.items[0]?.events[0]).toMatchObject({ name: 'DELETE_USER', parameters: [{ value: left?.email }] });
  });
});
