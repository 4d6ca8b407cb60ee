import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { Attention } from './runs.types.js';

export interface Success {
  at: Date;
  /** When a complete read began; null when this was none. */
  fullAt: Date | null;
  cursor: { delta: string | null } | null;
  confirmedVersion: number | null;
  nextRunAt: Date;
}

/** What runs leave on their connection: health, cursor, when the next one is due. */
@Injectable()
export class ConnectionStateRepository {
  /** Returns whether the connection had needed attention. */
  async succeeded(tx: Tx, organisationId: string, connectionId: string, success: Success): Promise<boolean> {
    const before = await tx.maybeOne<{ ailing: boolean }>(
      `SELECT attention IS NOT NULL AS ailing FROM connection WHERE organisation_id = $1 AND id = $2 FOR NO KEY UPDATE`,
      [organisationId, connectionId],
    );
    await tx.execute(
      `UPDATE connection SET attention = NULL, failures = 0, failing_since = NULL, last_run_at = $3, next_run_at = $7,
              last_full_at = coalesce($4, last_full_at), cursor = coalesce($5::jsonb, cursor),
              confirmed_version = coalesce($6, confirmed_version), unconfirmed_since = CASE WHEN $6::int IS NULL THEN unconfirmed_since END,
              state = CASE WHEN state = 'setup' AND $6::int IS NOT NULL THEN 'active' ELSE state END
        WHERE organisation_id = $1 AND id = $2`,
      [
        organisationId,
        connectionId,
        success.at,
        success.fullAt,
        success.cursor === null ? null : JSON.stringify(success.cursor),
        success.confirmedVersion,
        success.nextRunAt,
      ],
    );
    return before?.ailing ?? false;
  }

  async failed(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    failure: { at: Date; nextRunAt: Date },
  ): Promise<void> {
    await tx.execute(
      `UPDATE connection SET failures = failures + 1, failing_since = coalesce(failing_since, $3), last_run_at = $3, next_run_at = $4
        WHERE organisation_id = $1 AND id = $2`,
      [organisationId, connectionId, failure.at, failure.nextRunAt],
    );
  }

  /** No automatic retries until an admin acted. Returns whether the cause is a new one. */
  async needAttention(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    attention: Attention,
    at: Date,
  ): Promise<boolean> {
    const changed = await tx.maybeOne<{ isNew: boolean }>(
      `UPDATE connection c SET attention = $3::jsonb, failures = c.failures + 1, failing_since = coalesce(c.failing_since, $4), last_run_at = $4,
              next_run_at = NULL
         FROM (SELECT attention FROM connection WHERE organisation_id = $1 AND id = $2 FOR NO KEY UPDATE) before
        WHERE c.organisation_id = $1 AND c.id = $2
        RETURNING before.attention->>'code' IS DISTINCT FROM $3::jsonb->>'code' AS is_new`,
      [organisationId, connectionId, JSON.stringify(attention), at],
    );
    return changed?.isNew ?? false;
  }

  /** Nothing was learned of the connection's health; the schedule goes on. */
  async rest(tx: Tx, organisationId: string, connectionId: string, nextRunAt: Date): Promise<void> {
    await tx.execute(
      `UPDATE connection SET next_run_at = $3 WHERE organisation_id = $1 AND id = $2 AND state = 'active' AND attention IS NULL`,
      [organisationId, connectionId, nextRunAt],
    );
  }

  /** What stands behind the credentials is stored at the first probe, and again when it was looked at anew. */
  async keepIdentity(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    tenant: string,
    fingerprint: string,
  ): Promise<void> {
    await tx.execute(
      `UPDATE connection SET tenant = $3, fingerprint = $4
        WHERE organisation_id = $1 AND id = $2 AND (tenant IS DISTINCT FROM $3 OR fingerprint IS DISTINCT FROM $4)`,
      [organisationId, connectionId, tenant, fingerprint],
    );
  }
}
