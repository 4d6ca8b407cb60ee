import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { codeOf, isError } from '../common/errors.js';
import { type HostResolver, resolveByDns } from '../common/dns-lookup.js';
import { GuardedHttp, OutboundRefused, resolveBySystem } from '../common/guarded-http.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { SignInFault } from './sign-in-fault.js';

/** IDP_HTTP: how much each document may hold, bytes. */
const SIZES = { document: 256 * 1024, keys: 512 * 1024, token: 1024 * 1024 } as const;

export type DocumentSize = keyof typeof SIZES;

/** What a provider answered: its status, its media type without parameters, and its text. */
export interface ProviderAnswer {
  status: number;
  mediaType: string;
  text: string;
}

/** The guard refused, or the answer was beyond a limit: a redirect, a size, an address. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
}

/** The one way in which providers are called: guarded, without redirects, within IDP_HTTP. */
@Injectable()
export class ProviderHttp implements OnModuleDestroy {
  private readonly clients: Record<DocumentSize, GuardedHttp>;

  constructor(@Inject(CONFIG) config: Config) {
    const { connectTimeoutMs, wholeTimeoutMs, allowedHosts, insecureLoopback } = config.identityProviders;
    const byDns = resolveByDns(connectTimeoutMs);
    // What the operator has named may stand in a file of the machine; everything else is in the DNS.
    const named = new Set(['localhost', ...allowedHosts.map((allowed) => allowed.replace(/:\d+$/u, '').toLowerCase())]);
    const resolver: HostResolver = (host, done) =>
      (named.has(host.toLowerCase()) ? resolveBySystem : byDns)(host, done);
    const client = (bodyLimitBytes: number) =>
      new GuardedHttp(
        {
          connectTimeoutMs,
          firstByteTimeoutMs: wholeTimeoutMs,
          pageTimeoutMs: wholeTimeoutMs,
          bodyLimitBytes,
          allowedHosts,
          insecureLoopback,
          plainAddressesOnly: true,
          defaultPortOnly: true,
        },
        resolver,
      );
    this.clients = { document: client(SIZES.document), keys: client(SIZES.keys), token: client(SIZES.token) };
  }

  /** @throws {OutboundRefused} for an address that would not be called. */
  check(url: URL): void {
    this.clients.document.check(url);
  }

  /**
   * @throws {ProviderRefused} when the guard refuses the address, a redirect or the size.
   * @throws {SignInFault} `provider_slow` or `provider_unreachable`
   */
  async ask(
    size: DocumentSize,
    url: string,
    request: { headers?: Record<string, string>; form?: URLSearchParams } = {},
  ): Promise<ProviderAnswer> {
    try {
      const answer = await this.clients[size].fetch(url, {
        method: request.form === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(request.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...request.headers,
        },
        ...(request.form === undefined ? {} : { body: request.form.toString() }),
      });
      const text = await answer.text();
      const mediaType = (answer.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      return { status: answer.status, mediaType, text };
    } catch (error) {
      throw asFault(error);
    }
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(Object.values(this.clients).map((client) => client.close()));
  }
}

function asFault(error: unknown): Error {
  if (error instanceof OutboundRefused) return new ProviderRefused(error.message, { cause: error });
  const slow = isError(error) && (error.name === 'TimeoutError' || isSlow(error) || isSlow(error.cause));
  return slow
    ? new SignInFault('provider_slow', 'The provider took too long to answer.', { cause: error })
    : new SignInFault('provider_unreachable', 'The provider cannot be reached.', { cause: error });
}

function isSlow(error: unknown): boolean {
  return ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'].includes(codeOf(error));
}

/** The JSON object that a text is; null for anything else. */
export function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return isObject(value) ? value : null;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
