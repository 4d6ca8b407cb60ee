import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type AdapterPayload, type Context } from 'oidc-provider';

/** Somebody who can sign in there: the subject, and what is claimed of it. */
export interface RigPerson {
  sub: string;
  email: string;
  email_verified?: boolean;
  given_name?: string;
  family_name?: string;
}

export interface RigClient {
  redirectUri: string;
  backChannelUri?: string;
  postLogoutUri?: string;
}

/** The certified provider of others, on this machine: whoever names a subject is signed in as them. */
export interface ProviderRig extends AsyncDisposable {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Requests by path. */
  hits: Map<string, number>;
  /** What its back-channel was answered with, and what went wrong there. */
  notified: string[];
  /** Lets our service be sent back to. Its addresses are known only when the provider has been made there. */
  register(client: RigClient): void;
  /** Signs with another key from now on, and shows no other. */
  rotate(): void;
  newBrowser(): RigBrowser;
}

/** A company's people at a provider, looked up by subject whenever one of them signs in. */
export type RigPeople = (sub: string) => RigPerson | undefined;

const CLIENT = 'rollcall';

export async function startProviderRig(people: RigPeople): Promise<ProviderRig> {
  const stored = new Map<string, AdapterPayload>();
  const cookieKeys = [randomBytes(32).toString('base64')];
  const notified: string[] = [];
  const hits = new Map<string, number>();
  const clientSecret = randomBytes(24).toString('base64url');
  let provider: Provider;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', issuer);
    hits.set(pathname, (hits.get(pathname) ?? 0) + 1);
    if (!pathname.startsWith('/interaction/')) return provider.callback()(request, response);
    if (request.method !== 'POST') {
      const page = `<!doctype html><title>The provider</title><form method="post"><label>Account <input name="sub" autofocus></label><button>Sign in</button></form>`;
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    }
    const accountId = new URLSearchParams(await textOf(request)).get('sub') ?? '';
    await provider.interactionFinished(request, response, { login: { accountId, amr: ['pwd'] } });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const withNewKey = (): Provider => {
    const made = new Provider(
      issuer,
      configuration(stored, people, cookieKeys, () => provider),
    );
    made.on('backchannel.success', () => void notified.push('taken'));
    made.on('backchannel.error', (_context: unknown, error: Error) => void notified.push(error.message));
    return made;
  };
  provider = withNewKey();

  return {
    issuer,
    clientId: CLIENT,
    clientSecret,
    hits,
    notified,
    register({ redirectUri, backChannelUri, postLogoutUri }) {
      stored.set(`Client:${CLIENT}`, {
        client_id: CLIENT,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
        ...(backChannelUri === undefined
          ? {}
          : { backchannel_logout_uri: backChannelUri, backchannel_logout_session_required: true }),
        ...(postLogoutUri === undefined ? {} : { post_logout_redirect_uris: [postLogoutUri] }),
      });
    },
    rotate: () => {
      provider = withNewKey();
    },
    newBrowser: () => new RigBrowser(issuer),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every option that it would warn about is given; consent is not asked for. */
function configuration(
  stored: Map<string, AdapterPayload>,
  people: RigPeople,
  cookieKeys: string[],
  provider: () => Provider,
): Record<string, unknown> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(8).toString('hex'),
    use: 'sig',
    alg: 'RS256',
  };
  const hour = (): number => 3600;
  return {
    adapter: adapterOn(stored),
    cookies: { keys: cookieKeys },
    jwks: { keys: [key] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    scopes: ['openid'],
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx: { body: string }, form: string) => {
          ctx.body = `<!doctype html><title>Sign out</title>${form}<button form="op.logoutForm" name="logout" value="yes" autofocus>Yes</button>`;
        },
        postLogoutSuccessSource: (ctx: { body: string }) => {
          ctx.body = '<!doctype html><title>Signed out</title>';
        },
      },
    },
    pkce: { required: () => true },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, sub: string) => {
      const person = people(sub);
      return person === undefined ? undefined : { accountId: sub, claims: () => ({ email_verified: true, ...person }) };
    },
    loadExistingGrant: async (ctx: Context) => {
      const { Grant } = provider();
      const grant = new Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    renderError: (ctx: { body: string }, out: { error: string }) => {
      ctx.body = `<!doctype html><title>${out.error.replace(/\W/gu, ' ')}</title>`;
    },
    // Its own guard against loopback addresses comes as a dispatcher; here everything is on this machine.
    fetch: (url: URL, { dispatcher: _guard, ...options }: RequestInit & { dispatcher?: unknown }) =>
      fetch(url, options),
    ttl: {
      AccessToken: hour,
      AuthorizationCode: () => 60,
      Grant: hour,
      IdToken: hour,
      Interaction: hour,
      Session: hour,
    },
  };
}

/** Everything in one map that outlives a rotation of keys. */
function adapterOn(stored: Map<string, AdapterPayload>) {
  return class {
    readonly model: string;

    constructor(model: string) {
      this.model = model;
    }

    upsert(id: string, payload: AdapterPayload): Promise<unknown> {
      return Promise.resolve(stored.set(`${this.model}:${id}`, payload));
    }

    find(id: string): Promise<AdapterPayload | undefined> {
      return Promise.resolve(stored.get(`${this.model}:${id}`));
    }

    findByUid(uid: string): Promise<AdapterPayload | undefined> {
      const found = [...stored].find(([key, payload]) => key.startsWith(`${this.model}:`) && payload.uid === uid);
      return Promise.resolve(found?.[1]);
    }

    consume(id: string): Promise<void> {
      const payload = stored.get(`${this.model}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      return Promise.resolve();
    }

    destroy(id: string): Promise<boolean> {
      return Promise.resolve(stored.delete(`${this.model}:${id}`));
    }

    revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
      return Promise.resolve();
    }
  };
}

const MOST_STEPS = 10;

/** The provider's side of a browser: its cookies there, and the pages on which somebody types who they are. */
export class RigBrowser {
  readonly #issuer: string;
  readonly #cookies = new Map<string, string>();

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  /** From the address that we send a browser to, to the one that the provider sends it back to. */
  async signIn(url: string, sub: string): Promise<string> {
    let at = await this.#ask(url);
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const { location, page, path } = at;
      if (location !== null) {
        const next = new URL(location, this.#issuer);
        if (next.origin !== this.#issuer) return next.href;
        at = await this.#ask(next.href);
      } else if (path.startsWith('/interaction/')) at = await this.#ask(path, { sub });
      else throw new Error(`the provider does not let ${sub} in: ${page.slice(0, 200)}`);
    }
    throw new Error('the provider sends a browser around in circles');
  }

  /** Where the provider sends a browser after it has signed out there too; null for a page of its own. */
  async signOut(url: string): Promise<string | null> {
    const { page } = await this.#ask(url);
    const xsrf = /name="xsrf" value="([^"]+)"/u.exec(page)?.[1];
    if (xsrf === undefined) throw new Error(`the provider does not ask whether to sign out: ${page.slice(0, 200)}`);
    return (await this.#ask('/session/end/confirm', { xsrf, logout: 'yes' })).location;
  }

  async #ask(
    url: string,
    form?: Record<string, string>,
  ): Promise<{ path: string; location: string | null; page: string }> {
    const target = new URL(url, this.#issuer);
    const answer = await fetch(target, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/su);
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return { path: target.pathname, location: answer.headers.get('location'), page: await answer.text() };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}
