import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { AuditRepository } from './audit.repository.js';
import type { AuditContext, AuditRecord, AuditSubject } from './audit.types.js';

const LONGEST = 200;

/** Writes the audit log: append only, in the transaction of what it tells about, so that neither is there alone. */
@Injectable()
export class AuditService {
  constructor(private readonly entries: AuditRepository) {}

  async record(tx: Tx, entry: AuditRecord): Promise<void> {
    await this.recordMany(tx, entry, [entry]);
  }

  /** One statement however many there are; in the order given. */
  async recordMany(tx: Tx, context: AuditContext, subjects: readonly AuditSubject[]): Promise<void> {
    if (subjects.length === 0) return;
    const rows = subjects.map(({ action, subject, outcome, fields, detail }) => ({
      action,
      subject_kind: subject.kind,
      subject_id: harmless(subject.id),
      outcome: outcome ?? 'done',
      detail: fields ? { ...detail, fields } : (detail ?? {}),
    }));
    const shared = {
      actor: JSON.stringify(context.by),
      runId: context.runId ?? null,
      requestId: context.requestId === undefined ? null : harmless(context.requestId),
      address: context.address === undefined ? null : harmless(context.address),
    };
    await this.entries.insert(tx, shared, JSON.stringify(rows));
  }
}

/** Text that came from outside must not forge lines, colours or directions where the log is read, nor fill it. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\uFFFD').slice(0, LONGEST);
}
