import { Injectable } from '@nestjs/common';
import type { Actor } from '../audit/audit.types.js';
import type { Tx } from '../database/tx.js';

export interface OperatorRow {
  personId: string;
  email: string;
  firstName: string | null;
  lastName: string | null;
  /** False: archived, so that they cannot sign in. */
  active: boolean;
  madeAt: Date;
}

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

/** Being an operator is a row that the worker's role alone may write. */
@Injectable()
export class OperatorsRepository {
  async installationId(worker: Tx): Promise<string | null> {
    const row = await worker.maybeOne<{ id: string }>('SELECT id FROM organisation WHERE is_installation');
    return row?.id ?? null;
  }

  /** In the installation's own organisation: whether somebody is one and can sign in. */
  async isOne(tx: Tx, personId: string): Promise<boolean> {
    const row = await tx.maybeOne(
      `SELECT 1 FROM operator o JOIN person p ON p.organisation_id = o.organisation_id AND p.id = o.person_id
        WHERE o.${OWN} AND o.person_id = $1 AND o.ended_at IS NULL AND p.state = 'active'`,
      [personId],
    );
    return row !== null;
  }

  /** Those who are operators now, by address. */
  list(tx: Tx): Promise<OperatorRow[]> {
    return tx.query<OperatorRow>(
      `SELECT p.id AS person_id, p.email, p.first_name, p.last_name, p.state = 'active' AS active, o.made_at
         FROM operator o JOIN person p ON p.organisation_id = o.organisation_id AND p.id = o.person_id
        WHERE o.${OWN} AND o.ended_at IS NULL ORDER BY p.email_canonical, p.id`,
    );
  }

  /**
   * Operators are made and ended one after the other. The worker's row refers to the organisation, so that its key must
   * stay free.
   */
  async lock(tx: Tx): Promise<void> {
    await tx.one(
      `SELECT 1 FROM organisation WHERE id = current_setting('rollcall.organisation_id')::uuid FOR NO KEY UPDATE`,
    );
  }

  /** The code of the first start is for as long as there is no operator. */
  async endFirstCodes(tx: Tx, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE sign_in_token SET ended_at = $1 WHERE ${OWN} AND kind = 'first' AND used_at IS NULL AND ended_at IS NULL`,
      [now],
    );
  }

  async add(worker: Tx, organisationId: string, personId: string, by: Actor, at: Date): Promise<void> {
    await worker.execute(
      `INSERT INTO operator (organisation_id, person_id, made_by, made_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (organisation_id, person_id)
       DO UPDATE SET made_by = excluded.made_by, made_at = excluded.made_at, ended_at = NULL WHERE operator.ended_at IS NOT NULL`,
      [organisationId, personId, JSON.stringify(by), at],
    );
  }

  async end(worker: Tx, organisationId: string, personId: string, at: Date): Promise<void> {
    await worker.execute(
      `UPDATE operator SET ended_at = $3 WHERE organisation_id = $1 AND person_id = $2 AND ended_at IS NULL`,
      [organisationId, personId, at],
    );
  }
}
