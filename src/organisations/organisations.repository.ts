import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { Features } from './features.js';
import type { OrganisationListed } from './organisations.types.js';

export interface OrganisationRow extends OrganisationListed {
  runsKeptDays: number;
  eraseAfterDays: number | null;
  installationStoppedAt: Date | null;
}

export interface OrganisationSettings {
  name: string;
  runsKeptDays: number;
  eraseAfterDays: number | null;
}

const OWN = `id = current_setting('rollcall.organisation_id')::uuid`;
const LISTED = 'id, slug, name, stopped_at, stop_reason, created_at';

@Injectable()
export class OrganisationsRepository {
  async insert(
    tx: Tx,
    row: { id: string; slug: string; name: string; createdAt: Date; sso: boolean; directorySync: boolean },
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO organisation (id, slug, name, created_at, sso, directory_sync) VALUES ($1, $2, $3, $4, $5, $6)`,
      [row.id, row.slug, row.name, row.createdAt, row.sso, row.directorySync],
    );
  }

  own(tx: Tx): Promise<OrganisationRow | null> {
    return tx.maybeOne<OrganisationRow>(
      `SELECT ${LISTED}, runs_kept_days, erase_after_days,
              (SELECT stopped_at FROM installation) AS installation_stopped_at
         FROM organisation WHERE ${OWN}`,
    );
  }

  features(tx: Tx): Promise<Features | null> {
    return tx.maybeOne<Features>(
      `SELECT sso, directory_sync, sso_enforced, is_installation, delete_after FROM organisation WHERE ${OWN}`,
    );
  }

  /** Locks the row, so that two changes follow one another. */
  lockOwn(tx: Tx): Promise<OrganisationRow | null> {
    return tx.maybeOne<OrganisationRow>(
      `SELECT ${LISTED}, runs_kept_days, erase_after_days,
              (SELECT stopped_at FROM installation) AS installation_stopped_at
         FROM organisation WHERE ${OWN} FOR UPDATE OF organisation`,
    );
  }

  async update(tx: Tx, settings: OrganisationSettings): Promise<void> {
    await tx.execute(`UPDATE organisation SET name = $1, runs_kept_days = $2, erase_after_days = $3 WHERE ${OWN}`, [
      settings.name,
      settings.runsKeptDays,
      settings.eraseAfterDays,
    ]);
  }

  async stop(tx: Tx, at: Date, reason: string): Promise<boolean> {
    return (
      (await tx.execute(
        `UPDATE organisation SET stopped_at = coalesce(stopped_at, $1), stop_reason = $2 WHERE ${OWN}`,
        [at, reason],
      )) === 1
    );
  }

  /** False when it was not stopped. */
  async resume(tx: Tx): Promise<boolean> {
    const text = `UPDATE organisation SET stopped_at = NULL, stop_reason = NULL WHERE ${OWN} AND stopped_at IS NOT NULL`;
    return (await tx.execute(text)) === 1;
  }

  /** As the worker: all of the installation, by short name. */
  list(worker: Tx): Promise<OrganisationListed[]> {
    return worker.query<OrganisationListed>(`SELECT ${LISTED} FROM organisation ORDER BY slug`);
  }

  findBySlug(worker: Tx, slug: string): Promise<OrganisationListed | null> {
    return worker.maybeOne<OrganisationListed>(`SELECT ${LISTED} FROM organisation WHERE slug = $1`, [slug]);
  }

  installation(worker: Tx): Promise<{ name: string; stoppedAt: Date | null; stopReason: string | null }> {
    return worker.one(`SELECT name, stopped_at, stop_reason FROM installation`);
  }

  async stopInstallation(worker: Tx, at: Date | null, reason: string | null): Promise<void> {
    await worker.execute(
      `UPDATE installation SET stopped_at = CASE WHEN $1::timestamptz IS NULL THEN NULL ELSE coalesce(stopped_at, $1) END, stop_reason = $2`,
      [at, reason],
    );
  }
}
