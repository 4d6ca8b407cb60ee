import type { ChangeKind } from './model.js';

export type PlanDisposition = 'apply' | 'hold' | 'approve' | 'skip' | 'conflict';

/** How many of a plan's rows there are of each kind. */
export interface PlanCount {
  kind: ChangeKind | 'skip' | 'conflict';
  disposition: PlanDisposition;
  count: number;
}

export interface PlanSummary {
  /** Changes to apply, by kind. */
  apply: Record<ChangeKind, number>;
  held: number;
  toApprove: number;
  skipped: number;
  conflicts: number;
  /** One sentence for the head of a run. */
  text: string;
}

const WORDS: Record<ChangeKind, string> = {
  add: 'added',
  link: 'linked',
  relink: 'linked anew',
  update: 'changed',
  restore: 'brought back',
  archive: 'archived',
};

const ORDER: readonly ChangeKind[] = ['add', 'link', 'relink', 'update', 'restore', 'archive'];

/** Sums a plan up, from counts that the database grouped or from single rows with count 1. */
export function summarise(counts: Iterable<PlanCount>): PlanSummary {
  const apply: Record<ChangeKind, number> = { add: 0, link: 0, relink: 0, update: 0, restore: 0, archive: 0 };
  const rest = { hold: 0, approve: 0, skip: 0, conflict: 0 };
  for (const { kind, disposition, count } of counts) {
    if (disposition !== 'apply') rest[disposition] += count;
    else if (kind !== 'skip' && kind !== 'conflict') apply[kind] += count;
  }
  const parts = ORDER.filter((kind) => apply[kind] > 0).map((kind) => `${apply[kind]} ${WORDS[kind]}`);
  const waits: string[] = [];
  if (rest.hold > 0) waits.push(`${rest.hold} ${rest.hold === 1 ? 'removal is' : 'removals are'} held`);
  if (rest.approve > 0) waits.push(`${rest.approve} ${rest.approve === 1 ? 'link waits' : 'links wait'} for approval`);
  if (rest.conflict > 0)
    waits.push(`${rest.conflict} ${rest.conflict === 1 ? 'conflict waits' : 'conflicts wait'} for an admin`);
  const done = parts.length === 0 ? 'Nothing to change' : parts.join(', ');
  return {
    apply,
    held: rest.hold,
    toApprove: rest.approve,
    skipped: rest.skip,
    conflicts: rest.conflict,
    text: `${[done, ...waits].join('; ')}.`,
  };
}
