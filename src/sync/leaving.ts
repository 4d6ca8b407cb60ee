import type { Facts, Situation } from './facts.js';
import type { Reason } from './model.js';
import { reason, type ReasonCode } from './reasons.js';
import { isDirectoryStatus } from './standing.js';

/**
 * What a removal rests on: the record itself, or the witness of somebody whom a read did not show. `by absence` is
 * what falls when the witness contradicts a read too often; an explicit status still acts.
 */
export type Evidence = 'record' | 'status' | 'absence';

/** Why a person is archived (rows 6, 7, 8), with the evidence among its facts. */
export function archiveReasonOf(situation: Situation, facts: Facts): Reason {
  const { observed, witness } = facts;
  const evidence = evidenceOf(facts);
  if (situation === 'absent_gone') {
    return reason('left_directory', { evidence, how: witness?.says === 'gone' ? witness.how : 'deleted' });
  }
  if (situation === 'out_of_scope') {
    const record = observed !== null && !observed.scope.in ? observed.scope.because : null;
    return reason('out_of_scope', { evidence, because: witness?.says === 'out_of_scope' ? witness.because : record });
  }
  const status = observed?.record?.status ?? (witness?.says === 'not_employed' ? witness.status : 'unknown');
  return reason(codeOf(status), { evidence, status });
}

function codeOf(status: string): ReasonCode {
  if (!isDirectoryStatus(status)) return 'not_employed';
  switch (status) {
    case 'suspended':
      return 'suspended';
    case 'archived':
      return 'archived_in_directory';
    case 'deprovisioned':
      return 'deprovisioned';
    case 'deleted':
      return 'left_directory';
    case 'employed':
    case 'not_started':
      return 'not_employed';
  }
}

function evidenceOf(facts: Facts): Evidence {
  if (facts.observed !== null) return 'record';
  return facts.witness?.says === 'not_employed' ? 'status' : 'absence';
}

/** Whether a removal rests on absence from a read (and is off where the witness contradicts that read too often). */
export function isByAbsence(why: Reason): boolean {
  return why.facts?.['evidence'] === 'absence';
}
