import type { Dispatcher } from 'undici';
import { exchange, type HttpLimits, type Incoming } from '../exchange.js';

export interface Outgoing {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
}

/** The guarded line to Google's hosts. Counts what it sends. */
export class GoogleHttp {
  requests = 0;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly limits: HttpLimits,
  ) {}

  /** @throws {ConnectorError} for everything that is no whole answer; the signal's reason once it is aborted. */
  async send({ url, ...rest }: Outgoing, signal: AbortSignal): Promise<Incoming> {
    signal.throwIfAborted();
    this.requests += 1;
    return await exchange(this.dispatcher, { ...rest, url: url.href, signal }, this.limits, 'Google');
  }
}
