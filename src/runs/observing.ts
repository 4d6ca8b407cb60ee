import { hash } from 'node:crypto';
import { canonicalEmail } from '../common/email.js';
import type { Page } from '../connectors/connector.js';
import type { DirectoryRecord, FaultyRecord, ManagerReference } from '../sync/model.js';

/** Changes when the meaning of the hash or of the canonical forms does: every record is then decided anew. */
const HASH_VERSION = 1;

/** A record as a read saw it, before anything is known of the mirror. */
export interface Seen {
  externalId: string;
  /** In hex. */
  hash: string;
  observedAt: Date;
  record: DirectoryRecord | null;
  fault: string | null;
}

/** A record that is to be staged, judged: the address is canonical, the fault is known. */
export interface StagedRow {
  externalId: string;
  hash: string;
  observedAt: Date;
  body: DirectoryRecord | null;
  emailCanonical: string | null;
  employed: boolean;
  inScope: boolean;
  outOfScopeBecause: string | null;
  fault: string | null;
}

/**
 * The content of a record in 16 bytes, in hex: what the mapping took, the standing, the verdict of the scope, and the version
 * of mapping and policy. When somebody last signed in is no part of it.
 */
export function contentHash(record: DirectoryRecord, settingsVersion: string): string {
  const { email, firstName, lastName, department, title, manager, employeeNumber, status, scope, extras } = record;
  const names = Object.keys(extras);
  const content = [
    HASH_VERSION, settingsVersion, email, firstName, lastName, department, title, manager?.by, manager?.value, employeeNumber, status,
    scope.in || scope.because,
    names.length > 1 ? names.sort().map((name) => [name, extras[name]]) : extras,
  ]; // prettier-ignore
  return digest(content);
}

export function faultHash(fault: string, settingsVersion: string): string {
  return digest([HASH_VERSION, settingsVersion, 'fault', fault]);
}

/** As text, for a buffer of its own would cost more than the digest does. */
function digest(content: unknown[]): string {
  return hash('sha256', JSON.stringify(content), 'hex').slice(0, 32);
}

/** The records of a page that have an id, and the faults of those without one. */
export function seenOnPage(
  { records, observedAt }: Pick<Page, 'records' | 'observedAt'>,
  settingsVersion: string,
): { seen: Seen[]; faults: string[] } {
  const seen: Seen[] = [];
  const faults: string[] = [];
  for (const one of records) {
    const { externalId } = one;
    if (!isFaulty(one)) seen.push(seenRecord(one, observedAt, settingsVersion));
    else if (externalId === null) faults.push(one.fault);
    else
      seen.push({
        externalId,
        hash: faultHash(one.fault, settingsVersion),
        observedAt,
        record: null,
        fault: one.fault,
      });
  }
  return { seen, faults };
}

export function seenRecord(record: DirectoryRecord, observedAt: Date, settingsVersion: string): Seen {
  return { externalId: record.externalId, hash: contentHash(record, settingsVersion), observedAt, record, fault: null };
}

export function isFaulty(record: DirectoryRecord | FaultyRecord): record is FaultyRecord {
  return 'fault' in record;
}

/** Judges what is worth storing; done for records that differ alone. */
export function judgeSeen(seen: Seen, employed: (record: DirectoryRecord) => boolean): StagedRow {
  const { record } = seen;
  const emailCanonical = record?.email ? canonicalEmail(record.email) : null;
  return {
    externalId: seen.externalId,
    hash: seen.hash,
    observedAt: seen.observedAt,
    body: record,
    emailCanonical,
    employed: record !== null && employed(record),
    inScope: record?.scope.in ?? false,
    outOfScopeBecause: record && !record.scope.in ? record.scope.because : null,
    fault: seen.fault ?? addressFault(record, emailCanonical),
  };
}

function addressFault(record: DirectoryRecord | null, emailCanonical: string | null): string | null {
  if (emailCanonical !== null || record === null || !record.scope.in) return null;
  return record.email === null ? 'It has no e-mail address.' : 'Its e-mail address is not a valid one.';
}

/** How a manager is looked up: `id:` and the external id, or `email:` and the canonical address. */
export function managerRef(manager: ManagerReference | null): string | null {
  if (manager === null || manager.value === '') return null;
  if (manager.by === 'id') return `id:${manager.value}`;
  const address = canonicalEmail(manager.value);
  if (address !== null) return `email:${address}`;
  return manager.by === 'text' ? `id:${manager.value}` : null;
}
