import { instant, instantOrNull } from '../common/fields.js';
import type { ChangeView, RunView } from './runs.dto.js';
import type { PlannedRow } from './plan.types.js';
import type { RunRow } from './runs.types.js';

/** A run as it is shown. Progress keeps being told while it goes on; counts are those of what was committed. */
export function runView(run: RunRow): RunView {
  const { progress, counts } = run;
  return {
    id: run.id,
    connectionId: run.connectionId,
    kind: run.kind,
    trigger: run.trigger,
    state: run.state,
    phase: run.phase,
    askedAt: instant(run.askedAt),
    startedAt: instantOrNull(run.startedAt),
    finishedAt: instantOrNull(run.finishedAt),
    cancelAskedAt: instantOrNull(run.cancelAskedAt),
    settingsVersion: run.settingsVersion,
    subjects: run.subjects,
    undoOf: run.undoOf,
    confirms: run.confirms,
    coverage: run.coverage,
    planHash: run.planHash?.toString('hex') ?? null,
    holdId: run.holdId,
    progress: {
      pages: progress.pages ?? 0,
      records: progress.records ?? 0,
      requests: progress.requests ?? 0,
      toDecide: progress.toDecide ?? 0,
      decided: progress.decided ?? 0,
      confirmed: progress.confirmed ?? 0,
      toApply: progress.toApply ?? 0,
      applied: progress.applied ?? 0,
      unknown: progress.unknown ?? 0,
      faults: progress.faults ?? [],
    },
    counts: {
      read: counts.read ?? 0,
      unchanged: counts.unchanged ?? 0,
      add: counts.add ?? 0,
      link: counts.link ?? 0,
      relink: counts.relink ?? 0,
      update: counts.update ?? 0,
      restore: counts.restore ?? 0,
      archive: counts.archive ?? 0,
      skip: counts.skip ?? 0,
      conflict: counts.conflict ?? 0,
      held: counts.held ?? 0,
      approve: counts.approve ?? 0,
      stale: counts.stale ?? 0,
    },
    error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage ?? run.errorCode },
  };
}

/** What only the application of a change needs is nobody's to see. */
const INTERNAL = new Set([
  'expectedVersion',
  'factsHash',
  'formerExternalId',
  'conflict',
  'untie',
  'overrides',
  'emailCanonical',
  'invites',
]);

export function changeView(row: PlannedRow): ChangeView {
  return {
    seq: row.seq,
    kind: row.kind,
    disposition: row.disposition,
    situation: row.situation,
    externalId: row.externalId,
    personId: row.personId,
    otherPersonId: row.otherPersonId,
    label: row.label,
    reason: row.reason,
    before: shown(row.before),
    after: shown(row.after),
    removal: row.removal,
    approved: row.approved,
    result: row.result,
  };
}

function shown(fields: object | null): Record<string, unknown> | null {
  if (fields === null) return null;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !INTERNAL.has(name)));
}
