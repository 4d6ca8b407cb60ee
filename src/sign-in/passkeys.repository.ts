import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { SSO_ONLY } from './links.repository.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const OWN = `organisation_id = ${ORGANISATION}`;

export interface PasskeyRow {
  id: string;
  personId: string;
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  name: string;
  backedUp: boolean;
  createdAt: Date;
  lastUsedAt: Date | null;
}

/** A person as far as it decides about their passkeys. */
export interface PasskeyOwner {
  id: string;
  email: string;
  emailCanonical: string;
  name: string;
  passkeys: number;
  /** Nothing but the organisation's own sign-in lets them in. */
  ssoOnly: boolean;
  /** An admin, an operator or somebody of the break-glass list: a link by mail is not enough for them. */
  needsStrong: boolean;
  /** They have signed in at an identity provider that is active. */
  hasProvider: boolean;
}

const ALL = 'id, person_id, credential_id, public_key, counter, transports, name, backed_up, created_at, last_used_at';

@Injectable()
export class PasskeysRepository {
  owner(tx: Tx, personId: string): Promise<PasskeyOwner | null> {
    return tx.maybeOne<PasskeyOwner>(
      `SELECT p.id, p.email, p.email_canonical, concat_ws(' ', p.first_name, p.last_name) AS name,
         (SELECT count(*)::int FROM passkey k WHERE k.organisation_id = p.organisation_id AND k.person_id = p.id) AS passkeys,
         ${SSO_ONLY} AS sso_only,
         (p.is_admin
           OR EXISTS (SELECT 1 FROM break_glass b WHERE b.organisation_id = p.organisation_id AND b.person_id = p.id)
           OR EXISTS (SELECT 1 FROM operator x WHERE x.organisation_id = p.organisation_id AND x.person_id = p.id
             AND x.ended_at IS NULL)) AS needs_strong,
         (o.sso AND EXISTS (SELECT 1 FROM identity_link l JOIN identity_provider i
             ON i.organisation_id = l.organisation_id AND i.id = l.identity_provider_id AND i.state = 'active'
           WHERE l.organisation_id = p.organisation_id AND l.person_id = p.id)) AS has_provider
        FROM person p JOIN organisation o ON o.id = p.organisation_id
       WHERE p.organisation_id = ${ORGANISATION} AND p.id = $1 AND p.state = 'active'`,
      [personId],
    );
  }

  /** Two changes of one person's passkeys come one after the other. */
  async lockOwner(tx: Tx, personId: string): Promise<void> {
    await tx.query(`SELECT 1 AS locked FROM person WHERE ${OWN} AND id = $1 FOR NO KEY UPDATE`, [personId]);
  }

  list(tx: Tx, personId: string): Promise<PasskeyRow[]> {
    return tx.query<PasskeyRow>(`SELECT ${ALL} FROM passkey WHERE ${OWN} AND person_id = $1 ORDER BY created_at, id`, [
      personId,
    ]);
  }

  /** Locked: of two answers with the same counter one wins. */
  lockByCredential(tx: Tx, personId: string, credentialId: string): Promise<PasskeyRow | null> {
    return tx.maybeOne<PasskeyRow>(
      `SELECT ${ALL} FROM passkey WHERE ${OWN} AND credential_id = $1 AND person_id = $2 FOR UPDATE`,
      [credentialId, personId],
    );
  }

  /** @returns False when the passkey is known in this organisation. */
  async insert(tx: Tx, row: Omit<PasskeyRow, 'lastUsedAt'>): Promise<boolean> {
    const inserted = await tx.execute(
      `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up,
         created_at) VALUES (${ORGANISATION}, $1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (organisation_id, credential_id) DO NOTHING`,
      [
        row.id,
        row.personId,
        row.credentialId,
        row.publicKey,
        row.counter,
        row.transports,
        row.name,
        row.backedUp,
        row.createdAt,
      ],
    );
    return inserted === 1;
  }

  async used(
    tx: Tx,
    id: string,
    { counter, backedUp, at }: { counter: number; backedUp: boolean; at: Date },
  ): Promise<void> {
    await tx.execute(`UPDATE passkey SET counter = $2, backed_up = $3, last_used_at = $4 WHERE ${OWN} AND id = $1`, [
      id,
      counter,
      backedUp,
      at,
    ]);
  }

  rename(tx: Tx, personId: string, id: string, name: string): Promise<PasskeyRow | null> {
    return tx.maybeOne<PasskeyRow>(
      `UPDATE passkey SET name = $3 WHERE ${OWN} AND id = $1 AND person_id = $2 RETURNING ${ALL}`,
      [id, personId, name],
    );
  }

  remove(tx: Tx, personId: string, id: string): Promise<{ name: string } | null> {
    return tx.maybeOne<{ name: string }>(
      `DELETE FROM passkey WHERE ${OWN} AND id = $1 AND person_id = $2 RETURNING name`,
      [id, personId],
    );
  }
}
