import { instantOrNull } from '../common/fields.js';
import type { HealthView } from './connections.dto.js';
import type { HealthRow } from './connections.repository.js';
import type { Connection, Stop } from './connections.types.js';

/** So many intervals without a success are too many. */
const INTERVALS = 3;
const A_MINUTE = 60_000;

/** How a connection is, in the one word that matters most and one sentence for the admin. */
export function healthOf(
  connection: Connection,
  facts: HealthRow | undefined,
  stop: Stop | undefined,
  now: Date,
): HealthView {
  const held = facts?.held ?? 0;
  const [status, message] = verdict(
    connection,
    { held, running: facts?.running ?? false, lastAppliedAt: facts?.lastAppliedAt ?? null },
    stop,
    now,
  );
  return {
    status,
    message,
    attention: connection.attention,
    lastCompleteReadAt: instantOrNull(connection.lastFullAt),
    lastAppliedAt: instantOrNull(facts?.lastAppliedAt ?? null),
    held,
    skipped: facts?.skipped ?? 0,
    failures: connection.failures,
    failingSince: instantOrNull(connection.failingSince),
    nextTryAt: stop || connection.attention ? null : instantOrNull(connection.nextRunAt),
  };
}

function verdict(
  connection: Connection,
  facts: { held: number; running: boolean; lastAppliedAt: Date | null },
  stop: Stop | undefined,
  now: Date,
): [HealthView['status'], string] {
  if (connection.attention) return ['attention', connection.attention.message];
  if (stop) return ['stopped', stopSentence(stop)];
  if (connection.state === 'paused') return ['paused', 'Paused by an admin; resume it when it should run again.'];
  if (connection.credentialsAt === null) return ['setup', 'Set the credentials, then test the connection.'];
  if (connection.confirmedVersion === null)
    return ['setup', 'Ask for a preview, look at it and confirm it: nothing happens before.'];
  if (facts.running) return ['running', 'A run is at work.'];
  if (facts.held > 0) return ['held', `${facts.held} removals wait for a decision.`];
  if (connection.confirmedVersion !== connection.settingsVersion) {
    return ['setup', 'The settings were changed: the next run is a preview to be confirmed.'];
  }
  if (connection.failures > 0)
    return ['failing', `The last ${connection.failures} runs failed; the next try comes by itself.`];
  return overdue(connection, facts.lastAppliedAt, now)
    ? ['overdue', 'No run has succeeded for three intervals.']
    : ['healthy', 'In step with the directory.'];
}

function stopSentence(stop: Stop): string {
  if (stop.by === 'deletion') return 'The organisation is about to be deleted.';
  if (stop.by === 'feature') return 'Directory sync is switched off; ask whoever runs this installation.';
  const who = {
    installation: 'the operator, for everybody',
    organisation: 'an admin, for the organisation',
    connection: 'an admin',
  }[stop.by];
  return `Stopped by ${who}${stop.reason === null ? '' : `: ${stop.reason}`}.`;
}

function overdue(connection: Connection, lastAppliedAt: Date | null, now: Date): boolean {
  const { intervalMinutes, fullReadMinutes } = connection.settings.schedule;
  const since = (at: Date | null): number => now.getTime() - (at ?? connection.createdAt).getTime();
  return (
    since(lastAppliedAt) > INTERVALS * intervalMinutes * A_MINUTE ||
    since(connection.lastFullAt) > INTERVALS * Math.max(intervalMinutes, fullReadMinutes) * A_MINUTE
  );
}
