import type { Evidence } from '../connector.js';
import { ConnectorError } from '../errors.js';
import { arrayOf, isObject } from '../json.js';
import { READ_LIMITS } from '../read-directory.js';
import { usableId } from '../text.js';
import { DELETIONS, eventOf, filterOf } from './events.js';
import type { OktaTransport, Question, Reply } from './transport.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The System Log keeps 90 days; asked for more than 180 it refuses. */
const LOG_DAYS = 90;

/**
 * Everybody who was deprovisioned or deleted since then, an hour before included. Deprovisioned people are in no plain
 * list, but in a filtered one; deleted ones are in none, but in the System Log, if that event was a success.
 */
export async function* leaversSince(
  transport: OktaTransport,
  since: Date,
  now: Date,
  signal: AbortSignal,
): AsyncGenerator<Evidence[], void, void> {
  const from = Math.min(since.getTime(), now.getTime()) - HOUR;
  const filter = `status eq "DEPROVISIONED" and lastUpdated gt "${iso(from)}"`;
  const users = new URLSearchParams({ filter, limit: '200', fields: 'id,status' });
  const question: Question = {
    path: `/api/v1/users?${users.toString()}`,
    bucket: 'users',
    what: 'the list of deprovisioned users',
  };
  for await (const { body, observedAt } of pagesOf(transport, question, signal)) {
    yield arrayOf(body, "Okta's list of deprovisioned users").flatMap((user): Evidence[] => {
      const id = isObject(user) && user['status'] === 'DEPROVISIONED' ? usableId(user['id']) : null;
      return id === null ? [] : [{ externalId: id, verdict: 'deprovisioned', observedAt }];
    });
  }

  const logs = new URLSearchParams({
    since: iso(Math.max(from, now.getTime() - LOG_DAYS * DAY)),
    // Bounded, hence finite: without `until` there is always a next page.
    until: iso(now.getTime() + HOUR),
    sortOrder: 'ASCENDING',
    limit: '1000',
    filter: filterOf(DELETIONS),
  });
  const log: Question = { path: `/api/v1/logs?${logs.toString()}`, bucket: 'logs', what: 'the System Log' };
  for await (const { body, observedAt } of pagesOf(transport, log, signal)) {
    yield arrayOf(body, "Okta's System Log").flatMap((entry) => {
      const event = eventOf(entry);
      if (event === null || !event.success || !DELETIONS.includes(event.type)) return [];
      return event.users.map((externalId): Evidence => ({ externalId, verdict: 'deleted', observedAt }));
    });
  }
}

async function* pagesOf(
  transport: OktaTransport,
  first: Question,
  signal: AbortSignal,
): AsyncGenerator<Reply, void, void> {
  const seen = new Set<string>();
  for (let path: string | null = first.path; path !== null;) {
    if (seen.has(path) || seen.size >= READ_LIMITS.pages) {
      throw new ConnectorError('bad_response', `The pages of ${first.what} of Okta do not end.`);
    }
    seen.add(path);
    const reply: Reply = await transport.must({ ...first, path }, signal);
    yield reply;
    path = reply.next;
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
