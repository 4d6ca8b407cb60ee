import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Dispatcher, request } from 'undici';
import { OutboundRefused } from '../common/guarded-http.js';
import { ConnectorError } from './errors.js';
import { ignoreLate } from './retry.js';

const unzip = promisify(gunzip);

/** DIR_HTTP of the fixed numbers. The time to connect is the dispatcher's own business. */
export const DIRECTORY_HTTP = {
  firstByteMs: 30_000,
  pageMs: 60_000,
  bodyBytes: 16 * 1024 * 1024,
} as const;

export type HttpLimits = Record<keyof typeof DIRECTORY_HTTP, number>;

export interface Outgoing {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

export interface Incoming {
  status: number;
  /** Null when absent; several of one name are joined by a comma. */
  header(name: string): string | null;
  body: Buffer;
}

/** Errors of TLS that no repetition mends: they speak of the certificate, not of the line. */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ERR_TLS_CERT|HOSTNAME_MISMATCH|ERR_SSL_WRONG_VERSION|ERR_SSL_UNSUPPORTED/;

/**
 * One request and its whole answer, within the limits. Follows no redirect: the credential would go along.
 *
 * @param who The directory, as sentences begin: "Okta".
 * @throws {ConnectorError} `unavailable` for the network and time-outs, `bad_response` for redirects and sizes; or the
 *   signal's reason.
 */
export async function exchange(
  dispatcher: Dispatcher,
  outgoing: Outgoing,
  limits: HttpLimits,
  who: string,
): Promise<Incoming> {
  const { signal } = outgoing;
  signal.throwIfAborted();
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => stop.abort(tooLate(limits.pageMs, who)), limits.pageMs);
  try {
    const answer = await request(outgoing.url, {
      dispatcher,
      method: outgoing.method,
      headers: { ...outgoing.headers, 'accept-encoding': 'gzip' },
      ...(outgoing.body === undefined ? {} : { body: outgoing.body }),
      headersTimeout: limits.firstByteMs,
      bodyTimeout: limits.firstByteMs,
      signal: stop.signal,
    });
    const header = (name: string): string | null => {
      const value = answer.headers[name.toLowerCase()];
      return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
    };
    if (answer.statusCode >= 300 && answer.statusCode < 400) {
      // Left unread: its own complaint about that is nobody's business.
      answer.body.on('error', ignoreLate).destroy();
      throw new ConnectorError('bad_response', `${who} redirected a request elsewhere, which is never followed.`);
    }
    const raw = await wholeBody(answer.body, limits.bodyBytes, who);
    const body = await decoded(raw, header('content-encoding'), limits.bodyBytes, who);
    return { status: answer.statusCode, header, body };
  } catch (error) {
    signal.throwIfAborted();
    throw asConnectorError(error, limits, who);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function wholeBody(body: AsyncIterable<Buffer>, most: number, who: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) throw tooLarge(most, who);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
}

async function decoded(body: Buffer, encoding: string | null, most: number, who: string): Promise<Buffer> {
  if (encoding === null || encoding === '' || encoding === 'identity') return body;
  if (encoding.toLowerCase() !== 'gzip') {
    throw new ConnectorError('bad_response', `${who} answered in an encoding that was not asked for.`);
  }
  try {
    return await unzip(body, { maxOutputLength: most });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(most, who);
    throw new ConnectorError('bad_response', `${who} sent a compressed answer that is cut off.`, { passing: true });
  }
}

function tooLate(pageMs: number, who: string): ConnectorError {
  return new ConnectorError('unavailable', `${who} did not finish an answer within ${seconds(pageMs)}.`);
}

function tooLarge(most: number, who: string): ConnectorError {
  return new ConnectorError('bad_response', `${who} sent an answer of more than ${Math.floor(most / 1_048_576)} MiB.`);
}

/** Messages of the network name hosts and paths at most, but are written by others: they stay behind as the cause. */
function asConnectorError(error: unknown, limits: HttpLimits, who: string): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const refused = [error, (error as { cause?: unknown } | null)?.cause].find((one) => one instanceof OutboundRefused);
  if (refused !== undefined) {
    return new ConnectorError('unavailable', `Nothing was sent to ${who}: ${refused.message}`, {
      passing: false,
      cause: error,
    });
  }
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown } | null)?.cause) ?? 'network error';
  const because = (sentence: string, passing: boolean): ConnectorError =>
    new ConnectorError('unavailable', sentence, { reference: code, cause: error, passing });
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return because(`${who} did not answer within ${seconds(limits.firstByteMs)}.`, true);
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return because(`${who} could not be reached in time.`, true);
  if (CERTIFICATE.test(code)) {
    return because(`${who} did not show a valid certificate (${code}); nothing was sent to it.`, false);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return because(`The name of the host of ${who} could not be found; check the address.`, true);
  }
  return because(`The connection to ${who} broke (${code}).`, true);
}

function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : null;
}

function seconds(milliseconds: number): string {
  return `${Math.ceil(milliseconds / 1_000)} seconds`;
}
