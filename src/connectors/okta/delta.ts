import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Cursor, DeltaPage } from '../connector.js';
import { ConnectorError } from '../errors.js';
import { arrayOf, isObject } from '../json.js';
import { httpDate } from '../retry.js';
import { instantValue, usableId } from '../text.js';
import { deltaFilter, eventOf, movesMany, movesPeople } from './events.js';
import { OktaRefusal } from './failures.js';
import type { OktaScope } from './settings.js';
import type { OktaTransport, Question, Reply } from './transport.js';

/** How far each look at the users reaches back behind the last: what was changed may show up late. */
const OVERLAP_MS = 15 * 60_000;
/** How far the System Log is first looked back into. */
const LOG_OVERLAP_MS = 5 * 60_000;
/** More people than this are a case for a full read, which costs less. */
const MOST_PEOPLE = 1_000;
/** Pages of the log that are skipped at most to find its end. */
const SKIPPED_LOG_PAGES = 1_000;
/** A watermark so far ahead of now was not ours. */
const AHEAD_MS = 10 * 60_000;

const state = z.strictObject({
  v: z.literal(1),
  /** Digest of organisation and scope: a cursor of another connection is no cursor. */
  of: z.string(),
  phase: z.enum(['users', 'log']),
  /** Path of the page of users to read next; null begins anew from `watermark`. */
  page: z.string().nullable(),
  /** Latest `lastUpdated` that was seen in a finished delta. */
  watermark: z.iso.datetime(),
  /** The same, of the delta under way. */
  latest: z.iso.datetime(),
  /** The polling link of the System Log, followed verbatim. */
  log: z.string(),
  /** Digests of id and `lastUpdated` within the overlap: these were named, or lay before the full read. */
  known: z.array(z.string()),
  /** The same, of the delta under way; `known` of the next one. */
  seen: z.array(z.string()),
  /** Digests of the ids that this delta named. */
  named: z.array(z.string()),
  everything: z.boolean(),
});
type State = z.infer<typeof state>;

/**
 * Names the people who changed since a moment: users by `lastUpdated` (with an overlap, whose people are named once),
 * and then the System Log for deletions and what an import wrote there alone. Names only; who is named is read directly.
 */
export class Delta {
  private readonly of: string;

  constructor(
    private readonly transport: OktaTransport,
    private readonly scope: OktaScope,
    origin: string,
    private readonly now: () => Date,
  ) {
    const { excluded: _named, ...what } = scope;
    this.of = digest(`${origin} ${JSON.stringify(what)}`);
  }

  /** Remembers who changed just now and where the log ends: the full read that follows sees all that. */
  async start(now: Date, signal: AbortSignal): Promise<Cursor> {
    const from = now.getTime();
    const first = await this.transport.must(this.users(from), signal);
    const theirs = httpDate(first.date ?? '');
    // By Okta's clock where it says, since `lastUpdated` is by that one. Its header has no fractions of a second.
    const watermark = Number.isNaN(theirs) || Math.abs(theirs - from) > 24 * 3_600_000 ? from : Math.min(theirs, from);
    const known: string[] = [];
    for (let reply: Reply | null = first; reply !== null && known.length <= MOST_PEOPLE;) {
      known.push(...changesOf(reply.body).map((change) => digest(`${change.id} ${change.at}`)));
      reply = reply.next === null ? null : await this.transport.must({ ...this.users(from), path: reply.next }, signal);
    }
    return write({
      v: 1,
      of: this.of,
      phase: 'users',
      page: null,
      watermark: new Date(watermark).toISOString(),
      latest: new Date(watermark).toISOString(),
      log: await this.endOfLog(from, signal),
      known: known.slice(0, MOST_PEOPLE),
      seen: [],
      named: [],
      everything: false,
    });
  }

  /** @throws {ConnectorError} `cursor_expired` for a cursor that is not ours, or that Okta forgot. */
  async fetch(cursor: Cursor, signal: AbortSignal): Promise<DeltaPage> {
    const from = this.read(cursor);
    return from.phase === 'users' ? await this.fetchUsers(from, signal) : await this.fetchLog(from, signal);
  }

  private async fetchUsers(from: State, signal: AbortSignal): Promise<DeltaPage> {
    const first = this.users(Date.parse(from.watermark));
    const reply = await this.orExpired(
      from.page === null ? first : { ...first, path: from.page },
      from.page !== null,
      signal,
    );
    const known = new Set(from.known);
    const seen = new Set(from.seen);
    const named = new Set(from.named);
    const externalIds: string[] = [];
    let latest = from.latest;
    for (const change of changesOf(reply.body)) {
      if (change.at > latest) latest = change.at;
      const mark = digest(`${change.id} ${change.at}`);
      const before = known.has(mark) || seen.has(mark);
      seen.add(mark);
      if (before) continue;
      named.add(digest(change.id));
      externalIds.push(change.id);
    }
    const everything = from.everything || named.size > MOST_PEOPLE;
    const next: State = {
      ...from,
      phase: reply.next === null || everything ? 'log' : 'users',
      page: everything ? null : reply.next,
      latest,
      // Beyond this many, marks cost more than naming somebody twice.
      seen: everything ? [] : [...seen].slice(0, 2 * MOST_PEOPLE),
      named: everything ? [] : [...named],
      everything,
    };
    return { externalIds, everything, nextCursor: write(next), done: false };
  }

  private async fetchLog(from: State, signal: AbortSignal): Promise<DeltaPage> {
    const reply = await this.orExpired(this.log(from.log), true, signal);
    const entries = arrayOf(reply.body, "Okta's System Log");
    const named = new Set(from.named);
    const externalIds: string[] = [];
    let everything = from.everything;
    for (const entry of entries) {
      const event = eventOf(entry);
      if (event === null || !event.success) continue;
      if (movesMany(event, this.scope)) everything = true;
      if (!movesPeople(event, this.scope)) continue;
      for (const id of event.users) {
        const mark = digest(id);
        // Who was named already is read after this; only a deletion may have come in between.
        if (named.has(mark)) continue;
        named.add(mark);
        externalIds.push(id);
      }
    }
    everything ||= named.size > MOST_PEOPLE;
    // There is always a next link while polling; a page that is not full is the end for now.
    const done = entries.length < LOG_PAGE;
    const log = reply.next ?? from.log;
    if (!done && log === from.log) throw new ConnectorError('bad_response', "Okta's System Log leads in a circle.");
    const next: State = done
      ? {
          ...from,
          phase: 'users',
          page: null,
          watermark: from.latest,
          log,
          known: from.seen,
          seen: [],
          named: [],
          everything: false,
        }
      : { ...from, log, named: everything ? [] : [...named], everything };
    return { externalIds, everything, nextCursor: write(next), done };
  }

  private async orExpired(question: Question, resumed: boolean, signal: AbortSignal): Promise<Reply> {
    try {
      return await this.transport.get(question, signal);
    } catch (error) {
      if (!(error instanceof OktaRefusal)) throw error;
      if (resumed && error.status >= 400 && error.status < 500 && error.status !== 403) {
        throw new ConnectorError(
          'cursor_expired',
          'Okta does not know any more where the last look ended; a full read follows.',
          {
            ...(error.code === null ? {} : { reference: error.code }),
          },
        );
      }
      throw error.toConnectorError(question.what);
    }
  }

  /** Behind what the log holds at this moment. */
  private async endOfLog(now: number, signal: AbortSignal): Promise<string> {
    const query = new URLSearchParams({
      since: new Date(now - LOG_OVERLAP_MS).toISOString(),
      sortOrder: 'ASCENDING',
      limit: String(LOG_PAGE),
      filter: deltaFilter(this.scope),
    });
    let path = `/api/v1/logs?${query.toString()}`;
    for (let page = 0; page < SKIPPED_LOG_PAGES; page += 1) {
      const reply = await this.transport.must(this.log(path), signal);
      if (reply.next === null)
        throw new ConnectorError('bad_response', "Okta's System Log gave no link to go on from.");
      path = reply.next;
      if (arrayOf(reply.body, "Okta's System Log").length < LOG_PAGE) return path;
    }
    throw new ConnectorError('bad_response', "Okta's System Log did not end.");
  }

  private users(watermark: number): Question {
    const filter = `lastUpdated gt "${new Date(watermark - OVERLAP_MS).toISOString()}"`;
    const query = new URLSearchParams({ filter, limit: '200', fields: 'id,lastUpdated' });
    return { path: `/api/v1/users?${query.toString()}`, bucket: 'users', what: 'the users that changed' };
  }

  private log(path: string): Question {
    return { path, bucket: 'logs', what: 'the System Log' };
  }

  private read(cursor: Cursor): State {
    let parsed: unknown;
    try {
      parsed = JSON.parse(cursor);
    } catch {
      throw notOurs();
    }
    const result = state.safeParse(parsed);
    if (!result.success || result.data.of !== this.of) throw notOurs();
    const { log, page, watermark } = result.data;
    if (!log.startsWith('/api/v1/logs?') || (page !== null && !page.startsWith('/api/v1/users?'))) throw notOurs();
    if (Date.parse(watermark) > this.now().getTime() + AHEAD_MS) throw notOurs();
    return result.data;
  }
}

const LOG_PAGE = 1_000;

function changesOf(body: unknown): { id: string; at: string }[] {
  return arrayOf(body, "Okta's list of changed users").flatMap((user) => {
    const id = isObject(user) ? usableId(user['id']) : null;
    const at = isObject(user) ? instantValue(user['lastUpdated']) : null;
    // Without both it cannot be told apart from one that was seen; the daily full read meets it.
    return id === null || at === null ? [] : [{ id, at }];
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

function write(next: State): Cursor {
  return JSON.stringify(next);
}

function notOurs(): ConnectorError {
  return new ConnectorError(
    'cursor_expired',
    'Where the last look at Okta ended is not known any more; a full read follows.',
  );
}
