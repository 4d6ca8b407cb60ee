import { canonicalJson, type Json } from './canonical.js';
import type { Decision } from './facts.js';

/** What takes in text piece by piece: `createHash('sha256')` of Node is one. */
export interface Hasher {
  update(text: string): unknown;
}

/** One row of a plan, as far as it says what would happen to whom, and why. */
export interface PlanRow {
  externalId: string | null;
  personId: string | null;
  kind: string;
  situation: string;
  disposition: string;
  removal: boolean;
  reason: { code: string; facts?: Record<string, string | number | boolean | null> };
  before: object | null;
  after: object | null;
}

/**
 * Feeds a plan to a hash, row by row, so that its size does not matter. The same rows in the same order give the same
 * hash; rows are given in the order in which they were decided, that of the external ids. Ids that were allocated for newcomers, versions
 * and wording are no part of it: the preview of a plan and the plan itself are equal.
 */
export class PlanHash {
  constructor(private readonly hasher: Hasher) {}

  add(row: PlanRow): void {
    const { externalId, kind, situation, disposition, removal, before, after } = row;
    const line: Json = {
      externalId,
      personId: kind === 'add' ? null : row.personId,
      kind,
      situation,
      disposition,
      removal,
      reason: [row.reason.code, row.reason.facts ?? {}],
      before: before as Json,
      after: after as Json,
    };
    this.hasher.update(`${canonicalJson(line)}\n`);
  }
}

/** A decision as a row of a plan; its kind is the change's, else the disposition. */
export function planRow(decision: Decision): PlanRow {
  const { externalId, situation, disposition, removal, reason, change, conflict } = decision;
  return {
    externalId,
    personId: change === null || change.personId === '' ? null : change.personId,
    kind: change?.kind ?? (conflict === null ? 'skip' : 'conflict'),
    situation,
    disposition,
    removal,
    reason,
    before: change?.before ?? null,
    after: change?.after ?? null,
  };
}
