import { expect, type World } from './world.ts';

/** A browser at our pages: keeps its cookies and follows no redirect by itself. */
export class Browser {
  readonly #world: World;
  readonly #cookies = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  async session(): Promise<{ person?: { email: string } | null }> {
    return (await (await this.get('/api/v1/session')).json()) as { person?: { email: string } | null };
  }

  async post<Body>(path: string, body: object, headers: Record<string, string> = {}): Promise<{ body: Body }> {
    const init = { method: 'POST', body: JSON.stringify(body) };
    const answer = await this.#ask(path, { ...init, headers: { 'content-type': 'application/json', ...headers } });
    const text = await answer.text();
    expect(answer.ok, `POST ${path} answered ${answer.status}: ${text}`);
    return { body: JSON.parse(text) as Body };
  }

  get(path: string): Promise<Response> {
    return this.#ask(path);
  }

  go(url: string): Promise<Response> {
    const { pathname, search } = new URL(url);
    return this.#ask(`${pathname}${search}`);
  }

  async #ask(path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
    const { house, signal } = this.#world;
    const answer = await fetch(new URL(path, house.url), {
      ...init,
      signal,
      redirect: 'manual',
      headers: {
        origin: new URL(house.publicUrl).origin,
        'sec-fetch-site': 'same-origin',
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...init.headers,
      },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/su);
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}
