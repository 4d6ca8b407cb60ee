import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher, fetch as undiciFetch, type RequestInit } from 'undici';
import { isLoopback, isMetadata, isPlain, isPublic } from './addresses.js';
import type { HostResolver } from './dns-lookup.js';

export interface OutboundLimits {
  connectTimeoutMs: number;
  firstByteTimeoutMs: number;
  /** The whole exchange. */
  pageTimeoutMs: number;
  /** Counted after decompression. */
  bodyLimitBytes: number;
  /** Hosts that may be called although their addresses are not public; `host:port` for a port that is not the default. */
  allowedHosts: readonly string[];
  /** Allows loopback addresses, and plain http to them. */
  insecureLoopback: boolean;
  /** Refuses IPv6 addresses that wrap an IPv4 one, also a public one. */
  plainAddressesOnly?: boolean;
  /** Refuses other ports than 443, but for `host:port` of `allowedHosts`, and this machine's where that is allowed. */
  defaultPortOnly?: boolean;
}

/** DIR_HTTP of the fixed numbers. */
export const OUTBOUND_DEFAULTS: OutboundLimits = {
  connectTimeoutMs: 5_000,
  firstByteTimeoutMs: 30_000,
  pageTimeoutMs: 60_000,
  bodyLimitBytes: 16 * 1024 * 1024,
  allowedHosts: [],
  insecureLoopback: false,
};

/** The guard did not let a request out, or an answer in. Asking again changes nothing. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
  readonly code = 'OUTBOUND_REFUSED';
}

interface AllowedHost {
  host: string;
  /** Null: the default one. */
  port: string | null;
}

/** `host`, `host:port`, `[address]:port` or an address of IPv6. */
function readAllowed(text: string): AllowedHost {
  const [, host, port] = isIP(text) === 0 ? (/^(.+):(\d+)$/u.exec(text) ?? []) : [];
  return { host: bare(host ?? text).toLowerCase(), port: port ?? null };
}

/** Without the brackets of IPv6. */
function bare(host: string): string {
  return host.replace(/^\[|\]$/gu, '');
}

/** As the machine finds names: its own files included. */
export const resolveBySystem: HostResolver = (host, done) => systemLookup(host, { all: true, verbatim: true }, done);

/**
 * The one client for addresses that somebody else gives us: https alone, public addresses alone, no redirects, and a
 * limit to every wait and size. The address that was checked is the one that is connected to, so a name that resolves
 * differently the next moment gains nothing.
 */
export class GuardedHttp {
  /** For code on undici; also to be handed to `request` of undici. Waiting and size of the whole are the caller's. */
  readonly dispatcher: Dispatcher;
  private readonly agent: Agent;
  private readonly allowed: readonly AllowedHost[];

  constructor(
    private readonly limits: OutboundLimits = OUTBOUND_DEFAULTS,
    resolver: HostResolver = resolveBySystem,
  ) {
    this.allowed = limits.allowedHosts.map(readAllowed);
    this.agent = new Agent({
      connections: 16,
      pipelining: 1,
      allowH2: false,
      // Some directories echo a long search in their Link header.
      maxHeaderSize: 64 * 1024,
      headersTimeout: limits.firstByteTimeoutMs,
      bodyTimeout: limits.firstByteTimeoutMs,
      connect: { timeout: limits.connectTimeoutMs, lookup: this.lookup(resolver), minVersion: 'TLSv1.2' },
    });
    this.dispatcher = this.agent.compose((dispatch) => (options, handler) => {
      this.check(new URL(String(options.origin)));
      return dispatch(options, handler);
    });
  }

  /**
   * Like the standard fetch, with the whole answer read within the limits.
   *
   * @throws {OutboundRefused} for an address, redirect or size that the guard refuses; else what fetch throws.
   */
  readonly fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const target = new URL(url);
    this.check(target);
    const late = AbortSignal.timeout(this.limits.pageTimeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
    const answer = await undiciFetch(target, {
      ...init,
      dispatcher: this.dispatcher,
      redirect: 'manual',
      signal,
    }).catch((error: unknown) => {
      throw error instanceof Error && error.cause instanceof OutboundRefused ? error.cause : error;
    });
    if (answer.status >= 300 && answer.status < 400 && answer.status !== 304) {
      await answer.body?.cancel();
      throw new OutboundRefused(`${target.host} redirected a request elsewhere, which is never followed.`);
    }
    const body = await this.readBody(target, answer.body);
    const headers = new Headers(
      [...answer.headers].filter(([name]) => !['content-encoding', 'content-length'].includes(name)),
    );
    const empty = [204, 205, 304].includes(answer.status);
    return new Response(empty ? null : body, { status: answer.status, statusText: answer.statusText, headers });
  };

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async readBody(target: URL, body: AsyncIterable<unknown> | null): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body ?? []) {
      const bytes = chunk as Uint8Array;
      size += bytes.byteLength;
      if (size > this.limits.bodyLimitBytes) {
        throw new OutboundRefused(`${target.host} answered with more than ${this.limits.bodyLimitBytes} bytes.`);
      }
      chunks.push(bytes);
    }
    return new Uint8Array(Buffer.concat(chunks));
  }

  /**
   * What can be told of an address before its name is looked up. An IP address is never looked up, so it is judged here.
   *
   * @throws {OutboundRefused}
   */
  check(url: URL): void {
    if (url.username !== '' || url.password !== '') throw new OutboundRefused('Credentials in an address are refused.');
    const host = bare(url.hostname);
    const literal = isIP(host) !== 0;
    if (url.protocol === 'http:') {
      if (!this.limits.insecureLoopback || !(host === 'localhost' || isLoopback(host))) {
        throw new OutboundRefused(`Only https is allowed, and ${url.host} was to be called without.`);
      }
    } else if (url.protocol !== 'https:') {
      throw new OutboundRefused(`Only https is allowed, not ${url.protocol}`);
    }
    if (literal && !this.allows(host, host)) throw this.refusal(url.hostname);
    if (this.limits.defaultPortOnly === true && url.port !== '' && !this.allowsPort(host, url.port))
      throw new OutboundRefused(`${url.host} names a port, and only the usual one of https is allowed.`);
  }

  private allowsPort(host: string, port: string): boolean {
    if (this.allowed.some((one) => one.host === host.toLowerCase() && one.port === port)) return true;
    return this.limits.insecureLoopback && (host === 'localhost' || isLoopback(host));
  }

  private allows(host: string, address: string): boolean {
    if (isMetadata(address)) return false;
    if (this.allowed.some((one) => one.host === host.toLowerCase())) return true;
    if (this.limits.plainAddressesOnly === true && !isPlain(address)) return false;
    return isPublic(address) || (this.limits.insecureLoopback && isLoopback(address));
  }

  private refusal(host: string): OutboundRefused {
    return new OutboundRefused(
      `${host} is an address inside a network, not on the internet; the operator can allow it by outbound.allowedHosts.`,
    );
  }

  private lookup(resolver: HostResolver): LookupFunction {
    return (host, options, done) => {
      resolver(host, (error, addresses) => {
        if (error) return done(error, []);
        // One bad address spoils the name: who mixes them hopes that we try another than we checked.
        const first = addresses[0];
        if (first === undefined || !addresses.every(({ address }) => this.allows(host, address))) {
          return done(this.refusal(host), []);
        }
        if (options.all === true) done(null, addresses);
        else done(null, first.address, first.family);
      });
    };
  }
}
