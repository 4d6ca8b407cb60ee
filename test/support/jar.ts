import { publicSiteOf } from '../../src/config/public-site.js';
import { apiOf, type Answer, type TestService } from './service.js';

/** A browser on one of our pages: keeps the cookies that it is given, and says where its requests come from. */
export class Jar {
  readonly cookies = new Map<string, string>();
  private readonly ask: ReturnType<typeof apiOf>;
  private readonly origin: string;

  constructor(
    private readonly service: Pick<TestService, 'url' | 'config'>,
    /** Where it stands, for a service that believes its proxy. */
    private readonly address: string | null = null,
  ) {
    this.ask = apiOf(service.url, '');
    this.origin = publicSiteOf(service.config.server).origin;
  }

  async api<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.ask<Body>(method, path, body, {
      key: null,
      headers: {
        origin: this.origin,
        'sec-fetch-site': 'same-origin',
        ...(cookie === '' ? {} : { cookie }),
        ...(this.address === null ? {} : { 'x-forwarded-for': this.address }),
        ...headers,
      },
    });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    return answer;
  }

  /** Goes to an address of the service as by a link, and no further than its answer. */
  async go(url: string): Promise<{ status: number; location: string | null; text: string; headers: Headers }> {
    const { pathname, search } = new URL(url, this.service.url);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(`${pathname}${search}`, this.service.url), {
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
    });
    for (const line of answer.headers.getSetCookie()) this.keep(line);
    const { status, headers } = answer;
    return { status, location: headers.get('location'), text: await answer.text(), headers };
  }

  /** The value of a cookie by the end of its name, whatever its prefix is. */
  cookie(name: string): string | undefined {
    return [...this.cookies].find(([own]) => own.endsWith(`rollcall-${name}`))?.[1];
  }

  private keep(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const over = /expires=thu, 01 jan 1970/iu.test(line) || /max-age=0/iu.test(line) || value === '';
    if (over) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
