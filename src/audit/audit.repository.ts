import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { AuditEntry, AuditFilter } from './audit.types.js';

export interface AuditRow extends AuditEntry {
  seq: number;
}

/** What all rows of one statement share. */
export interface SharedColumns {
  actor: string;
  runId: string | null;
  requestId: string | null;
  address: string | null;
}

const COLUMNS = 'seq, at, action, actor, subject_kind, subject_id, run_id, request_id, address, outcome, detail';

@Injectable()
export class AuditRepository {
  /** @param rows JSON array of action, subject_kind, subject_id, outcome, detail; their order is the order of the log. */
  async insert(tx: Tx, shared: SharedColumns, rows: string): Promise<void> {
    await tx.execute(
      `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id, run_id, request_id, address, outcome, detail)
       SELECT (SELECT current_setting('rollcall.organisation_id')::uuid), r.action, $1::jsonb, r.subject_kind, r.subject_id,
              $2::uuid, $3, $4, r.outcome, r.detail
       FROM jsonb_to_recordset($5::jsonb) AS r(action text, subject_kind text, subject_id text, outcome text, detail jsonb)`,
      [shared.actor, shared.runId, shared.requestId, shared.address, rows],
    );
  }

  /** Newest first, those before `before`. */
  async page(tx: Tx, filter: AuditFilter, before: number | null, limit: number): Promise<AuditRow[]> {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = ["organisation_id = current_setting('rollcall.organisation_id')::uuid"];
    if (filter.action !== null) conditions.push(`action = ${bind(filter.action)}`);
    if (filter.subjectKind !== null) conditions.push(`subject_kind = ${bind(filter.subjectKind)}`);
    if (filter.subjectId !== null) conditions.push(`subject_id = ${bind(filter.subjectId)}`);
    if (filter.runId !== null) conditions.push(`run_id = ${bind(filter.runId)}::uuid`);
    if (before !== null) conditions.push(`seq < ${bind(before)}`);
    return tx.query<AuditRow>(
      `SELECT ${COLUMNS} FROM audit_entry WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT ${bind(limit)}`,
      values,
    );
  }
}
