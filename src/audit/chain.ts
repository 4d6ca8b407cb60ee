import { createHash, hash } from 'node:crypto';
import { canonicalJson, type Json } from '../sync/canonical.js';

/**
 * An entry as it goes into the chain: every column of it, the time to the microsecond. Not its number: that is one sequence
 * for all organisations and tells how busy the others are (T-08), and its place in the chain says what the number would.
 */
export interface ChainedEntry {
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

/** With the number by which it is found here; it leaves the house with nobody but the operator. */
export interface NumberedEntry extends ChainedEntry {
  seq: number;
}

/** What the chain of an organisation begins with: a piece of one chain fits into no other. */
export function beginningOf(organisationId: string): Buffer {
  return createHash('sha256').update(`rollcall audit chain 1\n${organisationId}`).digest();
}

/** The hash of an entry in its place: over the hash before it, and the entry as canonical JSON. */
export function hashAfter(previous: Buffer, entry: ChainedEntry): Buffer {
  const { at, action, actor, subjectKind, subjectId, runId, requestId, address, outcome, detail } = entry;
  const whole = { action, actor, address, at, detail, outcome, requestId, runId, subjectId, subjectKind };
  return hash('sha256', Buffer.concat([previous, Buffer.from(canonicalJson(whole))]), 'buffer');
}
