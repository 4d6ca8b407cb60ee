import { Injectable } from '@nestjs/common';
import { RollcallError } from '../common/errors.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { AuditRepository } from './audit.repository.js';
import type { AuditContext, AuditEntry, AuditFilter, AuditRecord, AuditSubject } from './audit.types.js';

const LONGEST = 200;

/** Writes the audit log: append only, in the transaction of what it tells about, so that neither is there alone. */
@Injectable()
export class AuditService {
  constructor(
    private readonly entries: AuditRepository,
    private readonly secrets: Secrets,
  ) {}

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

  /**
   * Newest first. The numbers of entries are one sequence for all organisations and would tell how busy the others are
   * (T-08), so a cursor is sealed. The first one of an organisation may make its data key: not for a read-only transaction.
   *
   * @throws {RollcallError} `request.invalid` for a cursor that is none of ours.
   */
  async page(
    tx: Tx,
    organisationId: string,
    filter: AuditFilter,
    cursor: string | null,
    limit: number,
  ): Promise<{ entries: AuditEntry[]; next: string | null }> {
    const place = { table: 'audit_entry', column: 'seq', rowId: 'cursor', organisationId };
    const before = cursor === null ? null : await this.opened(tx, place, cursor);
    const rows = await this.entries.page(tx, filter, before, limit + 1);
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const next =
      last === undefined ? null : (await this.secrets.seal(tx, place, String(last.seq))).toString('base64url');
    return { entries: rows.slice(0, limit), next };
  }

  private async opened(tx: Tx, place: Parameters<Secrets['open']>[1], cursor: string): Promise<number> {
    try {
      return Number(await this.secrets.open(tx, place, Buffer.from(cursor, 'base64url')));
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== 'secret.unreadable') throw error;
      throw new RollcallError('request.invalid', 'The cursor is none that this list has given; start without one.');
    }
  }
}

/** Text that came from outside must not forge lines, colours or directions where the log is read, nor fill it. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\uFFFD').slice(0, LONGEST);
}
