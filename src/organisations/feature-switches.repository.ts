import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const SELF = `id = current_setting('rollcall.organisation_id')::uuid`;

@Injectable()
export class FeatureSwitchesRepository {
  async set(tx: Tx, to: { name: string; sso: boolean; directorySync: boolean }): Promise<void> {
    // Nobody could sign in where the one way that is allowed is switched off.
    await tx.execute(
      `UPDATE organisation SET name = $1, sso = $2, directory_sync = $3, sso_enforced = sso_enforced AND $2 WHERE ${SELF}`,
      [to.name, to.sso, to.directorySync],
    );
  }

  /** As the worker. */
  async limitInvitations(
    worker: Tx,
    id: string,
    to: { invitesPerHour: number | null; invitesPerDay: number | null },
  ): Promise<void> {
    await worker.execute('UPDATE organisation SET invites_per_hour = $2, invites_per_day = $3 WHERE id = $1', [
      id,
      to.invitesPerHour,
      to.invitesPerDay,
    ]);
  }

  async setDeleteAfter(tx: Tx, at: Date | null): Promise<void> {
    await tx.execute(`UPDATE organisation SET delete_after = $1 WHERE ${SELF}`, [at]);
  }

  /** Sign-ins under way lead nowhere from then on. */
  async endAttempts(tx: Tx, now: Date): Promise<void> {
    await tx.execute(`UPDATE sign_in_attempt SET used_at = $1 WHERE ${OWN} AND used_at IS NULL`, [now]);
  }

  async endLinks(tx: Tx, now: Date): Promise<void> {
    await tx.execute(`UPDATE sign_in_token SET ended_at = $1 WHERE ${OWN} AND used_at IS NULL AND ended_at IS NULL`, [
      now,
    ]);
  }

  async providerIds(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(`SELECT id FROM identity_provider WHERE ${OWN}`);
    return rows.map(({ id }) => id);
  }

  /** As the worker: those whose time is over, by the clock that is given. */
  async dueForDeletion(worker: Tx, now: Date): Promise<string[]> {
    const rows = await worker.query<{ id: string }>(
      `SELECT id FROM organisation WHERE delete_after <= $1 AND NOT is_installation ORDER BY delete_after`,
      [now],
    );
    return rows.map(({ id }) => id);
  }

  /** As the worker, in a transaction of its own: waits until whoever writes to a table that no key ties has ended. */
  async awaitWriters(worker: Tx, table: string): Promise<void> {
    await worker.one('SELECT await_writers($1)', [table]);
  }

  /** As the worker. @throws when its time is not over by the database's own clock. */
  async delete(worker: Tx, id: string): Promise<void> {
    await worker.one('SELECT delete_organisation($1)', [id]);
  }
}
