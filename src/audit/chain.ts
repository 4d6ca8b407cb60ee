import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../sync/canonical.js';

/** An entry as it goes into the chain: every column of it, the time to the microsecond. */
export interface ChainedEntry {
  seq: number;
  at: string;
  action: string;
  actor: Json;
  subjectKind: string;
  subjectId: string;
  runId: string | null;
  requestId: string | null;
  address: string | null;
  outcome: string;
  detail: Json;
}

/** What the chain of an organisation begins with: a piece of one chain fits into no other. */
export function beginningOf(organisationId: string): Buffer {
  return createHash('sha256').update(`rollcall audit chain 1\n${organisationId}`).digest();
}

/** The hash of an entry in its place: over the hash before it, and the entry as canonical JSON. */
export function hashAfter(previous: Buffer, entry: ChainedEntry): Buffer {
  const { seq, at, action, actor, subjectKind, subjectId, runId, requestId, address, outcome, detail } = entry;
  const whole = { seq, at, action, actor, subjectKind, subjectId, runId, requestId, address, outcome, detail };
  return createHash('sha256').update(previous).update(canonicalJson(whole)).digest();
}
