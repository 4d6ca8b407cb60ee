import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Params } from 'nestjs-pino';
import { destination, pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';

/** What must never be read in a log, whatever object or sentence it came in. */
const SECRETS: readonly [RegExp, string][] = [
  // Up to its end, or to the end of the text that it stands in.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*/gu, '[key]'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?/gu, '[token]'],
  [/\b(Bearer|SSWS|DPoP|Basic)(\s+|%20)[\w.~+/=-]{6,}/giu, '$1 [token]'],
  [/\brc_[0-9A-Za-z]{4,}_[0-9A-Za-z]{8,}/gu, '[key]'],
  // Sessions, links and the state of a sign-in.
  [/[\w-]{22}\.[\w-]{43}/gu, '[token]'],
  [/((?:postgres(?:ql)?|smtps?):\/\/[^:@\s"]*):[^@\s"]*@/gu, '$1:[password]@'],
  [/[\p{L}\p{N}._%+'-]+(@|%40)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/giu, '[address]'],
];

/** What acts on a terminal or turns the order of what is read: written as its number. JSON has done so with the others. */
const ACTING = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|(?<!\\)(?:\\\\)*\\u00[01][\da-f]/gu;

/** A line that is longer has its long texts cut. */
const LONG_LINE = 16_384;

/** So many characters of a long text stay; an escape is one. */
const KEPT = 4_096;

/** Takes secrets, addresses of people and whatever acts on its reader out of a line of the log. */
export function redact(line: string): string {
  // Cut first: some of what is looked for takes the square of a text's length.
  let redacted = line.length > LONG_LINE ? withoutLongTexts(line) : line;
  for (const [pattern, instead] of SECRETS) redacted = redacted.replace(pattern, instead);
  return redacted.replace(ACTING, asNumber);
}

/** Walks through the line, for a pattern that repeats a thousand times can come to the end of the stack. */
function withoutLongTexts(line: string): string {
  let kept = '';
  let from = 0;
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) {
    let cut = -1;
    let characters = 0;
    for (at += 1; at < line.length && line[at] !== '"'; characters += 1) {
      // Never between the two halves of a sign.
      if (characters === KEPT) cut = /[\udc00-\udfff]/.test(line.charAt(at)) ? at - 1 : at;
      if (line[at] === '\\') at += line[at + 1] === 'u' ? 6 : 2;
      else at += 1;
    }
    if (cut === -1) continue;
    kept += `${line.slice(from, cut)}…`;
    from = at;
  }
  return kept + line.slice(from);
}

/** `\u001b` in the JSON of a line stays these six characters for whoever reads the text in it. */
function asNumber(found: string): string {
  if (found.length > 1) return found.replace(/\\u(00[01][\da-f])$/u, '\\\\u$1');
  return `\\\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const HIDDEN = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'credentials',
  'privateKey',
  'email',
  'detail',
  'where',
  'parameters',
];

interface Identified {
  id: unknown;
  method?: string;
  url?: string;
  raw?: { originalUrl?: string };
}

/** An address without its query, which may hold what people searched for. */
function pathOf(request: Identified): string {
  return (request.raw?.originalUrl ?? request.url ?? '').split('?')[0] ?? '';
}

export interface LogSettings {
  level: string;
  pretty: boolean;
}

/** Structured lines with a request id, and without secrets or personal data. */
export function loggerParams(settings: LogSettings): Params {
  return {
    pinoHttp: [
      {
        level: settings.level,
        // Made by the first middleware, so that whatever is refused before this one has it too.
        genReqId: (request: IncomingMessage) => (request as Partial<Identified>).id as string,
        redact: { paths: HIDDEN.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[hidden]' },
        hooks: { streamWrite: redact },
        serializers: {
          req: (request: Identified) => ({
            id: request.id,
            method: request.method,
            path: pathOf(request).slice(0, 500),
          }),
          res: (response: ServerResponse) => ({ status: response.statusCode }),
          err: stdSerializers.err,
        },
        customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'debug'),
        autoLogging: { ignore: (request) => ['/healthz', '/readyz'].includes(request.url ?? '') },
      },
      streamOf(settings),
    ],
  };
}

export type EarlyLogger = Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>;

/** For what happens before and after the application: the same lines. */
export function earlyLogger(settings: LogSettings): EarlyLogger {
  return pino({ level: settings.level, hooks: { streamWrite: redact } }, streamOf(settings));
}

/** Written at once, so that the last line before an end is not lost. */
function streamOf({ pretty: forPeople }: LogSettings): DestinationStream {
  if (!forPeople) return destination({ fd: 1, sync: true });
  return pretty({
    sync: true,
    singleLine: true,
    ignore: 'pid,hostname,context,req,res',
    translateTime: 'SYS:HH:MM:ss',
  });
}
