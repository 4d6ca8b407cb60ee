import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCompany, ManualClock, serveOkta, type Company, type OktaSimulator } from '../index.ts';
import { get, ssws, type Got } from '../http/testing.ts';

interface Event {
  uuid: string;
  eventType: string;
  published: string;
  outcome: { result: string };
  target: { id: string; type: string }[];
}

let clock: ManualClock;
let company: Company;
let okta: OktaSimulator;

beforeEach(async () => {
  clock = new ManualClock();
  company = makeCompany({ people: 60, seed: 5, clock });
  okta = await serveOkta(company);
});

afterEach(() => okta.close());

const ask = (path: string): Promise<Got> => get(path.startsWith('http') ? path : `${okta.url}${path}`, ssws(okta));
const events = (got: Got): Event[] => got.body as Event[];
const types = (got: Got): string[] => events(got).map((event) => event.eventType);

describe('the System Log, polled', () => {
  it('always links on, also from an empty page, and gives each event once', async () => {
    const empty = await ask('/api/v1/logs?sortOrder=ASCENDING');
    expect([empty.body, typeof empty.next]).toEqual([[], 'string']);
    const [person] = company.leave(1);
    const full = await ask(empty.next ?? '');
    expect(types(full)).toEqual(['user.lifecycle.deactivate']);
    expect(events(full)[0]?.target[0]).toMatchObject({ id: okta.ids.person(person?.n ?? -1), type: 'User' });
    const after = await ask(full.next ?? '');
    expect([after.body, typeof after.next]).toEqual([[], 'string']);
    company.erase(person ?? 0);
    expect(types(await ask(after.next ?? ''))).toEqual([
      'user.lifecycle.delete.initiated',
      'user.lifecycle.delete.completed',
    ]);
  });

  it('links on without since, which must not be combined with a cursor', async () => {
    const { next } = await ask(`/api/v1/logs?since=${new Date(clock.now() - 1000).toISOString()}&limit=5`);
    const query = new URL(next ?? '').searchParams;
    expect([query.has('since'), query.has('after'), query.get('limit')]).toEqual([false, true, '5']);
  });

  it('logs failures too, with their result', async () => {
    company.logFailure('person.left', { person: company.person(3) });
    expect(events(await ask('/api/v1/logs'))[0]?.outcome.result).toBe('FAILURE');
  });

  it('shows events late when told to, at the end of what was polled', async () => {
    okta.settings.logLagMs = 60_000;
    company.leave(1);
    const early = await ask('/api/v1/logs');
    expect(early.body).toEqual([]);
    clock.advance(60_000);
    expect(types(await ask(early.next ?? ''))).toEqual(['user.lifecycle.deactivate']);
  });

  it('names the group and the application of a change', async () => {
    const person = company.employed()[1] ?? company.admin;
    company.addToGroup(company.group('Nobody yet'), person);
    company.unassignGroup(company.group('Design'));
    const [added, unassigned] = events(await ask('/api/v1/logs'));
    expect(added?.target.map((target) => target.type)).toEqual(['User', 'UserGroup']);
    expect(unassigned?.target.map((target) => target.type)).toEqual(['UserGroup', 'AppInstance']);
  });
});

describe('the System Log, bounded', () => {
  it('ends, pages by limit, and filters by type', async () => {
    company.suspend(2);
    company.leave(2);
    clock.advance(1000);
    const until = new Date(clock.now()).toISOString();
    const first = await ask(`/api/v1/logs?until=${until}&limit=3`);
    const second = await ask(first.next ?? '');
    expect([events(first).length, events(second).length, second.next]).toEqual([3, 1, null]);
    const filter = encodeURIComponent('eventType sw "user.lifecycle.de"');
    expect(types(await ask(`/api/v1/logs?until=${until}&filter=${filter}`))).toEqual([
      'user.lifecycle.deactivate',
      'user.lifecycle.deactivate',
    ]);
  });

  it('begins seven days before its end, keeps 90 days, and refuses to go back beyond 180', async () => {
    company.leave(1);
    clock.advance(8 * 86_400_000);
    expect((await ask('/api/v1/logs')).body).toEqual([]);
    const since = (days: number): string => new Date(clock.now() - days * 86_400_000).toISOString();
    expect((await ask(`/api/v1/logs?since=${since(9)}`)).body).toHaveLength(1);
    clock.advance(90 * 86_400_000);
    expect((await ask(`/api/v1/logs?since=${since(179)}`)).body).toEqual([]);
    expect((await ask(`/api/v1/logs?since=${since(181)}`)).body).toMatchObject({ errorCode: 'E0000053' });
  });

  it.each([
    ['limit=1001', 'E0000001'],
    ['filter=nonsense', 'E0000031'],
    ['since=yesterday', 'E0000053'],
    ['after=99_1', 'E0000053'],
  ])('refuses %s with %s', async (query, errorCode) => {
    const got = await ask(`/api/v1/logs?${query}`);
    expect([got.status, got.body]).toMatchObject([400, { errorCode }]);
  });
});
