import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, House } from '../test/demo/house.ts';
import { RigBrowser } from '../test/support/provider-rig.ts';

const PROVIDER = fileURLToPath(new URL('provider.ts', import.meta.url));
const SLUG = 'bench';

interface Served {
  issuer: string;
  clientId: string;
  clientSecret: string;
}

/** A browser with a session at the provider, so that nobody types anything while it is measured. */
export interface Visitor {
  sub: string;
  there: RigBrowser;
}

/** The built service and a provider, each in a process of its own, and people who have signed in once. */
export class SigningInBench implements AsyncDisposable {
  readonly house: House;
  readonly visitors: Visitor[] = [];
  readonly #served: Served;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  #key = '';
  #providerId = '';
  #redirectUri = '';

  private constructor(house: House, served: Served, child: ChildProcess, lines: Interface) {
    this.house = house;
    this.#served = served;
    this.#child = child;
    this.#lines = lines;
  }

  static async start(people: number): Promise<SigningInBench> {
    const child = spawn(process.execPath, [PROVIDER], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const served = JSON.parse(line) as Served;
    const much = 1_000_000;
    const settings = {
      limits: {
        addressPerMinute: much,
        credentialPerMinute: much,
        organisationPerMinute: much,
        organisationInFlight: 1000,
      },
      identityProviders: { insecureLoopback: true, allowedHosts: [new URL(served.issuer).host] },
    };
    const house = new House(await freePort(), settings, new AbortController().signal);
    const bench = new SigningInBench(house, served, child, lines);
    await house.start();
    await bench.#setUp();
    for (let n = 0; n < people; n += 1) {
      const visitor = { sub: `person${n}`, there: new RigBrowser(served.issuer) };
      bench.visitors.push(visitor);
      await bench.signIn(visitor);
    }
    return bench;
  }

  async #setUp(): Promise<void> {
    const { house } = this;
    await house.asked('organisation', 'create', SLUG, '--slug', SLUG, '--sso');
    const made = await house.asked<{ key: string }>('key', 'create', '-o', SLUG, '--name', SLUG, '--scopes', 'all');
    this.#key = made.key;
    await house.asked('domain', 'verify', 'bench.example', '-o', SLUG, '--reason', 'a benchmark');
    const order = { preset: 'generic', name: SLUG, ...this.#served, settings: { justInTime: true } };
    const path = '/api/v1/identity-providers';
    const provider = await this.#post<{ id: string; redirectUri: string }>(path, order, this.#asKey());
    this.#providerId = provider.id;
    this.#redirectUri = provider.redirectUri;
    this.#child.stdin?.write(`${JSON.stringify({ redirectUri: provider.redirectUri })}\n`);
    await once(this.#lines, 'line');
    const { answer, url } = await this.#begin(`${path}/${provider.id}/tests`, {}, this.#asKey());
    await this.#comeBack(await new RigBrowser(this.#served.issuer).signIn(url, 'tester'), answer);
    await this.#post(`${path}/${provider.id}/enable`, {}, this.#asKey());
  }

  /** From our page to the provider and back into a session: the cookie of it. */
  async signIn({ there, sub }: Visitor): Promise<string> {
    const order = { slug: SLUG, providerId: this.#providerId };
    const { answer, url } = await this.#begin('/api/v1/sign-in/provider', order);
    const landed = await this.#comeBack(await there.signIn(url, sub), answer);
    const cookie = cookiesOf(landed).find((one) => one.startsWith('rollcall-session='));
    if (landed.status !== 303 || cookie === undefined) throw new Error(`a sign-in ended with ${landed.status}`);
    return cookie;
  }

  /** The same requests to the provider by a client that checks nothing: what it takes without us. */
  async floor({ there, sub }: Visitor): Promise<void> {
    const { issuer, clientId, clientSecret } = this.#served;
    const verifier = randomBytes(32).toString('base64url');
    const url = new URL('/auth', issuer);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: this.#redirectUri,
      scope: 'openid email profile',
      state: randomBytes(16).toString('hex'),
      nonce: randomBytes(16).toString('hex'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    const back = new URL(await there.signIn(url.href, sub));
    const tokens = await fetch(new URL('/token', issuer), {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: this.#redirectUri,
        code_verifier: verifier,
      }),
    });
    const { access_token: token } = (await tokens.json()) as { access_token?: string };
    const person = await fetch(new URL('/me', issuer), { headers: { authorization: `Bearer ${token}` } });
    if (((await person.json()) as { sub?: string }).sub !== sub) throw new Error('the provider knows somebody else');
  }

  /** One request of each kind whose cost is compared. */
  requests(cookie: string): Record<string, () => Promise<Response>> {
    return {
      'GET /healthz': () => this.#get('/healthz', {}),
      'GET /api/v1/teams, by key': () => this.#get('/api/v1/teams', this.#asKey()),
      'GET /api/v1/session, by cookie': () => this.#get('/api/v1/session', { cookie }),
      'GET /api/v1/me/identities, by cookie': () => this.#get('/api/v1/me/identities', { cookie }),
    };
  }

  /** Processor time of the service so far, milliseconds. */
  processorMs(): number {
    const fields = readFileSync(`/proc/${this.house.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    // Fields 14 and 15, in hundredths of a second.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house.close();
    const gone = once(this.#child, 'exit');
    this.#child.stdin?.end();
    this.#child.kill('SIGTERM');
    await gone;
  }

  #asKey(): Record<string, string> {
    return { authorization: `Bearer ${this.#key}` };
  }

  async #begin(path: string, body: object, headers: Record<string, string> = {}) {
    const answer = await this.#send(path, body, headers);
    return { answer, url: ((await answer.json()) as { url: string }).url };
  }

  async #post<Body>(path: string, body: object, headers: Record<string, string>): Promise<Body> {
    return (await (await this.#send(path, body, headers)).json()) as Body;
  }

  async #send(path: string, body: object, headers: Record<string, string>): Promise<Response> {
    const answer = await fetch(new URL(path, this.house.url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: this.house.publicUrl,
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer;
  }

  #get(path: string, headers: Record<string, string>): Promise<Response> {
    return fetch(new URL(path, this.house.url), { headers });
  }

  async #comeBack(url: string, begun: Response): Promise<Response> {
    const { pathname, search } = new URL(url);
    const answer = await fetch(new URL(`${pathname}${search}`, this.house.url), {
      redirect: 'manual',
      headers: { cookie: cookiesOf(begun).join('; ') },
    });
    await answer.arrayBuffer();
    return answer;
  }
}

function cookiesOf(answer: Response): string[] {
  return answer.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
}
