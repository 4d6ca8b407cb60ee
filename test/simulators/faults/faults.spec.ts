import { createGunzip } from 'node:zlib';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  makeCompany,
  ManualClock,
  serveGoogle,
  serveOkta,
  type Company,
  type Fault,
  type FaultAction,
  type GoogleSimulator,
  type OktaSimulator,
} from '../index.ts';
import { until } from '../../support/patience.ts';
import { bearer, get, ssws, type Got } from '../http/testing.ts';

let company: Company;
let okta: OktaSimulator;
let google: GoogleSimulator;
let headers: { okta: Record<string, string>; google: Record<string, string> };

beforeEach(async () => {
  company = makeCompany({ people: 90, seed: 5, clock: new ManualClock() });
  okta = await serveOkta(company);
  google = await serveGoogle(company);
  headers = { okta: ssws(okta), google: await bearer(google) };
});

afterEach(async () => {
  await Promise.all([okta.close(), google.close()]);
});

interface User {
  id: string;
}

const fault = (action: FaultAction, more: Partial<Fault> = {}): void => {
  for (const server of [okta, google]) server.faults.add({ route: 'users.list', do: action, ...more });
};
const askOkta = (query = 'limit=20'): Promise<Got> => get(`${okta.url}/api/v1/users?${query}`, headers.okta);
const askGoogle = (query = 'maxResults=20'): Promise<Got> =>
  get(`${google.url}/admin/directory/v1/users?customer=my_customer&${query}`, headers.google);
const ids = (got: Got): string[] =>
  (Array.isArray(got.body) ? (got.body as User[]) : ((got.body as { users?: User[] }).users ?? [])).map(({ id }) => id);
const code = (error: unknown): unknown => (error as { cause?: { code?: unknown } }).cause?.code;

async function pages(): Promise<Got[]> {
  const all: Got[] = [];
  for (let url: string | null = `${okta.url}/api/v1/users?limit=20`; url !== null && all.length < 20;) {
    const page: Got = await get(url, headers.okta);
    all.push(page);
    url = page.next;
  }
  return all;
}

describe('when a fault strikes', () => {
  it.each([
    ['first', 0],
    ['middle', 2],
    ['last', 4],
    [4, 3],
  ] as const)('page %s', async (page, index) => {
    expect(await pages()).toHaveLength(5);
    fault({ kind: 'keep', count: 1 }, { page });
    expect((await pages()).map((got) => ids(got).length === 1)).toEqual([0, 1, 2, 3, 4].map((i) => i === index));
  });

  it('so many times, after so many good ones, for ever, until taken back', async () => {
    const status = async (): Promise<number> => (await askOkta()).status;
    fault({ kind: 'status', status: 503 }, { after: 1, times: 2 });
    expect([await status(), await status(), await status(), await status()]).toEqual([200, 503, 503, 200]);
    const takeBack = okta.faults.add({ times: 'forever', do: { kind: 'status', status: 500 } });
    expect([await status(), await status()]).toEqual([500, 500]);
    takeBack();
    expect(await status()).toBe(200);
    expect(okta.requests.entries.filter((entry) => entry.faults.length > 0)).toHaveLength(4);
  });

  it('only its own route and subject', async () => {
    okta.faults.add({ route: 'users.get', subject: okta.ids.person(3), do: { kind: 'status', status: 404 } });
    const read = async (n: number): Promise<number> =>
      (await get(`${okta.url}/api/v1/users/${okta.ids.person(n)}`, headers.okta)).status;
    expect([await read(2), (await askOkta()).status, await read(3), await read(3)]).toEqual([200, 200, 404, 200]);
  });
});

describe('errors in the provider’s own words', () => {
  it.each([
    [401, 'E0000011', 'authError'],
    [403, 'E0000006', 'forbidden'],
    [404, 'E0000007', 'notFound'],
    [500, 'E0000009', 'backendError'],
  ])('%i', async (status, errorCode, reason) => {
    fault({ kind: 'status', status });
    expect(await askOkta()).toMatchObject({ status, body: { errorCode } });
    expect(await askGoogle()).toMatchObject({ status, body: { error: { code: status, errors: [{ reason }] } } });
  });

  it('429 carries Retry-After as told, and Okta’s reset only if told', async () => {
    fault({ kind: 'throttle', retryAfter: 'soon', resetIn: 'none' }, { times: 2 });
    const [a, b] = [await askOkta(), await askGoogle()];
    expect([a.status, a.headers.get('retry-after'), a.headers.get('x-rate-limit-reset')]).toEqual([429, 'soon', null]);
    expect([b.status, b.headers.get('retry-after')]).toEqual([429, 'soon']);
    okta.faults.clear();
    okta.faults.add({ do: { kind: 'throttle', resetIn: 7 } });
    const reset = Number((await askOkta()).headers.get('x-rate-limit-reset'));
    expect(reset - company.clock.now() / 1000).toBe(7);
  });

  it('the quotas of Google are told apart by reason', async () => {
    const reasons: unknown[] = [];
    for (const how of ['rate', 'user quota', 'project quota'] as const) {
      google.faults.add({ do: { kind: 'throttle', how } });
      const { status, body } = await askGoogle();
      reasons.push([status, (body as { error: { errors: { reason: string }[] } }).error.errors[0]?.reason]);
    }
    expect(reasons).toEqual([
      [429, 'rateLimitExceeded'],
      [403, 'userRateLimitExceeded'],
      [403, 'quotaExceeded'],
    ]);
  });

  it('an expired cursor is a 400', async () => {
    fault({ kind: 'expired cursor' });
    expect(await askOkta()).toMatchObject({ status: 400, body: { errorCode: 'E0000053' } });
    expect(await askGoogle()).toMatchObject({ status: 400, body: { error: { errors: [{ reason: 'invalid' }] } } });
  });
});

describe('bytes that go wrong', () => {
  it.each(['before headers', 'in headers', 'in body'] as const)('TCP reset %s', async (when) => {
    fault({ kind: 'reset', when });
    await expect(askOkta()).rejects.toThrow();
    expect((await askOkta()).status).toBe(200);
  });

  it.each(['content-length', 'chunked'] as const)('a body cut short by %s breaks off', async (how) => {
    fault({ kind: 'truncate', how });
    await expect(askOkta()).rejects.toThrow();
    expect((await askOkta()).status).toBe(200);
  });

  it('JSON cut in the middle may also look whole', async () => {
    fault({ kind: 'truncate', how: 'json' });
    await expect(askOkta()).rejects.toThrow(SyntaxError);
  });

  it('never answering, and dripping, hold on until the client gives up', async () => {
    for (const action of [{ kind: 'hang' }, { kind: 'drip', everyMs: 10_000 }] as const) {
      okta.faults.add({ do: action });
      const asked = fetch(`${okta.url}/api/v1/users`, { headers: headers.okta, signal: AbortSignal.timeout(60) });
      await expect(asked.then((response) => response.text())).rejects.toMatchObject({ name: 'TimeoutError' });
    }
  });

  function raw(): Promise<IncomingMessage> {
    return new Promise((resolve) => httpGet(`${okta.url}/api/v1/users`, { headers: headers.okta }, resolve));
  }

  async function countUpTo(stream: AsyncIterable<Buffer>, limit: number): Promise<number> {
    let count = 0;
    for await (const chunk of stream) if ((count += chunk.length) > limit) break;
    return count;
  }

  it('a huge body goes on and on', async () => {
    okta.faults.add({ do: { kind: 'huge body', bytes: 5_000_000_000 } });
    expect(await countUpTo(await raw(), 20_000_000)).toBeGreaterThan(20_000_000);
  });

  it('a gzip bomb is small on the wire and large within', async () => {
    okta.faults.add({ do: { kind: 'gzip bomb', bytes: 10_000_000_000 } });
    const response = await raw();
    let wire = 0;
    response.on('data', (chunk: Buffer) => (wire += chunk.length));
    expect(await countUpTo(response.pipe(createGunzip()), 100_000_000)).toBeGreaterThan(100_000_000);
    expect(wire).toBeLessThan(2_000_000);
    response.destroy();
  });

  it('redirects lead where they are told, and the stranger notes what it is brought', async () => {
    fault({ kind: 'redirect', status: 302, to: 'stranger' }, { times: 2 });
    const got = await askOkta();
    expect([got.status, got.headers.get('location')]).toEqual([302, `${okta.stranger.url}/api/v1/users?limit=20`]);
    await fetch(got.headers.get('location') ?? '', { headers: headers.okta });
    expect(okta.stranger.seen).toMatchObject([{ authorization: headers.okta['authorization'] }]);
  });

  it('a delay waits', async () => {
    okta.faults.add({ do: { kind: 'delay', ms: 5_000 } });
    const asked = fetch(`${okta.url}/api/v1/users`, { headers: headers.okta, signal: AbortSignal.timeout(60) });
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('lists that go wrong', () => {
  it('the next page is lost, this one, the first, or elsewhere', async () => {
    const second = (await askOkta()).next ?? '';
    const to = async (where: 'nowhere' | 'here' | 'start' | 'stranger'): Promise<Got> => {
      okta.faults.add({ do: { kind: 'next', to: where } });
      return get(second, headers.okta);
    };
    expect((await to('nowhere')).next).toBeNull();
    const here = await to('here');
    expect(ids(await get(here.next ?? '', headers.okta))).toEqual(ids(here));
    expect(ids(await get((await to('start')).next ?? '', headers.okta))).toEqual(ids(await askOkta()));
    expect((await to('stranger')).next).toMatch(new RegExp(`^${okta.stranger.url}/`));
  });

  it('endless: always a new marker, always the same one', async () => {
    fault({ kind: 'endless' }, { times: 'forever' });
    const got = await pages();
    expect(got).toHaveLength(20);
    expect(new Set(got.map((page) => page.next)).size).toBe(20);
    expect(new Set(got.flatMap(ids)).size).toBe(1);
  });

  it('omits people whom a direct read still finds: by id, the last of the page, or a share, always the same', async () => {
    const whole = ids(await askOkta('limit=200'));
    const omitted = async (action: FaultAction): Promise<string[]> => {
      okta.faults.add({ do: action });
      const left = ids(await askOkta('limit=200'));
      return whole.filter((id) => !left.includes(id));
    };
    expect(await omitted({ kind: 'omit', ids: [whole[4] ?? ''] })).toEqual([whole[4]]);
    expect(await omitted({ kind: 'omit', lastOfPage: true })).toEqual([whole.at(-1)]);
    const some = await omitted({ kind: 'omit', share: 0.2 });
    expect(some.length / whole.length).toBeCloseTo(0.2, 0);
    expect(some.length).toBeGreaterThan(0);
    expect(await omitted({ kind: 'omit', share: 0.2 })).toEqual(some);
    expect((await get(`${okta.url}/api/v1/users/${some[0] ?? ''}`, headers.okta)).status).toBe(200);
  });

  it('repeats somebody of the page before', async () => {
    fault({ kind: 'repeat' }, { page: 2 });
    const [first, second] = (await pages()).map(ids);
    expect(second?.at(-1)).toBe(first?.[0]);
    expect(second).toHaveLength(21);
  });

  it('Google’s users key goes when nobody is left, and its token when it is lost', async () => {
    google.faults.add({ do: { kind: 'keep', count: 0 } }, { do: { kind: 'next', to: 'nowhere' } });
    expect(Object.keys((await askGoogle()).body as object)).toEqual(['kind', 'etag']);
  });

  it('sets fields of an answer, of all that is listed, or of some of it', async () => {
    google.faults.add({ do: { kind: 'set', fields: { customerId: 'C0other' } } });
    const customers = async (): Promise<unknown[]> =>
      ((await askGoogle('maxResults=3')).body as { users: { customerId: string }[] }).users.map(
        (one) => one.customerId,
      );
    expect(await customers()).toEqual(['C0other', 'C0other', 'C0other']);
    google.faults.add({ do: { kind: 'set', fields: { customerId: 'C0other' }, ids: [google.ids.person(0)] } });
    expect((await customers()).filter((id) => id === 'C0other')).toHaveLength(1);
    okta.faults.add({ route: 'organisation', do: { kind: 'set', fields: { id: '00oOther' } } });
    expect((await get(`${okta.url}/.well-known/okta-organization`, {})).body).toMatchObject({ id: '00oOther' });
  });
});

describe('objects that go wrong', () => {
  async function text(what: (FaultAction & { kind: 'garble' })['what'], provider: 'okta' | 'google'): Promise<string> {
    const server = { okta, google }[provider];
    server.faults.add({ do: { kind: 'garble', what } });
    const path = { okta: '/api/v1/users', google: '/admin/directory/v1/users?customer=my_customer' }[provider];
    return (await fetch(server.url + path, { headers: headers[provider] })).text();
  }

  it.each([
    ['id null', '"id":null'],
    ['id number', '"id":42'],
    ['id of dots', '"id":".."'],
    ['id emoji', '"id":"🙂"'],
    ['id with slash', '"id":"00u/../groups"'],
    ['id 4 kB', 'x'.repeat(4096)],
    ['NUL', '\\u0000'],
    ['control characters', '\\u0007'],
    ['lone surrogate', '\\ud83d"'],
    ['right-to-left override', '\\u202e'],
    ['e-mail invalid', 'nobody at all'],
    ['number 1e400', '1e400'],
    ['year 0', '"0000-01-01'],
    ['year 275760', '"+275760-09-13'],
    ['depth 1000', '['.repeat(1000)],
    ['100000 attributes', '"attribute99999"'],
  ] as const)('%s', async (what, expected) => {
    for (const provider of ['okta', 'google'] as const) {
      const spoilt = await text(what, provider);
      expect(spoilt).toContain(expected);
      expect(() => JSON.parse(spoilt) as unknown).not.toThrow();
    }
  });

  it('id missing, e-mail missing, 10 MB attribute', async () => {
    for (const provider of ['okta', 'google'] as const) {
      const first = async (what: Parameters<typeof text>[0]): Promise<Record<string, unknown>> => {
        const parsed = JSON.parse(await text(what, provider)) as unknown;
        const list = (provider === 'okta' ? parsed : (parsed as { users: unknown }).users) as Record<string, unknown>[];
        return list[0] ?? {};
      };
      expect(await first('id missing')).not.toHaveProperty('id');
      const { profile = {}, ...bare } = await first('e-mail missing');
      expect({ ...bare, ...(profile as object) }).not.toHaveProperty(provider === 'okta' ? 'email' : 'primaryEmail');
      expect((await text('10 MB attribute', provider)).length).toBeGreaterThan(10_000_000);
    }
  });
});

it('a fault that hangs does not keep a server from closing', async () => {
  okta.faults.add({ do: { kind: 'hang' } });
  const asked = askOkta().catch(code);
  await until('the request to arrive', () => okta.requests.count() > 0);
  await okta.close();
  expect(await asked).toBeDefined();
});
