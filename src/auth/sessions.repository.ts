import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { SetUpKind, Strength } from './auth.types.js';
import type { SessionEnd, SessionProvider, SessionsWhere, ShownAgain } from './sessions.types.js';

/** A session with all that decides whether it is good and what it may do, as things are at this moment. */
export interface FoundSession {
  id: string;
  kind: 'person' | 'set_up';
  strength: Strength;
  authenticatedAt: Date;
  lastUsedAt: Date;
  endsAt: Date;
  endedAt: Date | null;
  personId: string | null;
  setUpLinkId: string | null;
  setUpObjects: string[];
  supportOrganisationId: string | null;
  supportSessionId: string | null;
  state: string | null;
  isAdmin: boolean | null;
  isOperator: boolean;
  kinds: SetUpKind[] | null;
  revokedAt: Date | null;
  deleteAfter: Date | null;
}

export interface SessionRow {
  id: string;
  strength: Strength;
  address: string;
  userAgent: string;
  createdAt: Date;
  lastUsedAt: Date;
  endsAt: Date;
}

export interface NewSessionRow {
  id: string;
  kind: 'person' | 'set_up';
  digest: Buffer;
  personId: string | null;
  setUpLinkId: string | null;
  strength: Strength;
  amr: readonly string[];
  acr: string | null;
  identityProviderId: string | null;
  providerSid: string | null;
  subject: string | null;
  idToken: Buffer | null;
  authenticatedAt: Date;
  createdAt: Date;
  endsAt: Date;
  address: string;
  userAgent: string;
}

export interface RenewedSessionRow extends Omit<ShownAgain, 'provider' | 'longestHours'> {
  id: string;
  digest: Buffer;
  provider: SessionProvider | null;
  /** Sealed. */
  idToken: Buffer | null;
  /** It ends by then at the latest; null: as before. */
  endsBy: Date | null;
  /** One that was not used since is over. */
  usedAfter: Date;
  now: Date;
}

export interface ShownPerson {
  id: string;
  email: string;
  firstName: string | null;
  lastName: string | null;
  isAdmin: boolean;
}

/** What the provider of a session has to be told when it ends. */
export interface SessionProviderRow {
  providerId: string;
  subject: string | null;
  sid: string | null;
  idToken: Buffer | null;
}

/** Row-level security says it too; said here, the index is used and the query reads as what it means. */
const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

@Injectable()
export class SessionsRepository {
  async organisation(tx: Tx): Promise<string> {
    const row = await tx.one<{ id: string }>(`SELECT current_setting('rollcall.organisation_id') AS id`);
    return row.id;
  }

  find(tx: Tx, digest: Buffer): Promise<FoundSession | null> {
    return tx.maybeOne<FoundSession>(
      `SELECT s.id, s.kind, s.strength, s.authenticated_at, s.last_used_at, s.ends_at, s.ended_at, s.person_id, s.set_up_link_id,
              s.set_up_objects, s.support_organisation_id, s.support_session_id, p.state, p.is_admin,
              o.person_id IS NOT NULL AS is_operator, l.kinds, l.revoked_at, g.delete_after
         FROM session s JOIN organisation g ON g.id = s.organisation_id
         LEFT JOIN person p ON p.organisation_id = s.organisation_id AND p.id = s.person_id
         LEFT JOIN operator o ON o.organisation_id = s.organisation_id AND o.person_id = s.person_id AND o.ended_at IS NULL
         LEFT JOIN set_up_link l ON l.organisation_id = s.organisation_id AND l.id = s.set_up_link_id
        WHERE s.${OWN} AND s.digest = $1`,
      [digest],
    );
  }

  /** In the visited organisation: whether the operator may still be there. Nobody is in one that is about to go. */
  async isSupportOpen(tx: Tx, id: string, operatorId: string, now: Date): Promise<boolean> {
    const open = await tx.maybeOne(
      `SELECT 1 FROM support_session s JOIN organisation g ON g.id = s.organisation_id
        WHERE s.${OWN} AND s.id = $1 AND s.operator_id = $2 AND s.ended_at IS NULL AND s.ends_at > $3 AND g.delete_after IS NULL`,
      [id, operatorId, now],
    );
    return open !== null;
  }

  /** Notes the use of a session, at most once a minute. */
  async touch(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE session SET last_used_at = $2
        WHERE ${OWN} AND id = $1 AND ended_at IS NULL AND last_used_at <= $2::timestamptz - interval '1 minute'`,
      [id, now],
    );
  }

  async insert(tx: Tx, row: NewSessionRow): Promise<void> {
    await tx.execute(
      `INSERT INTO session
         (organisation_id, id, kind, digest, person_id, set_up_link_id, strength, amr, acr, identity_provider_id, provider_sid,
          subject, id_token, authenticated_at, created_at, last_used_at, ends_at, address, user_agent)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
          $14, $15, $16, $17)`,
      [
        row.id,
        row.kind,
        row.digest,
        row.personId,
        row.setUpLinkId,
        row.strength,
        row.amr,
        row.acr,
        row.identityProviderId,
        row.providerSid,
        row.subject,
        row.idToken,
        row.authenticatedAt,
        row.createdAt,
        row.endsAt,
        row.address,
        row.userAgent,
      ],
    );
  }

  /** The same session under another id, with what was shown now. Null when it has ended, or was not used for too long. */
  reauthenticate(tx: Tx, row: RenewedSessionRow): Promise<{ endsAt: Date } | null> {
    return tx.maybeOne<{ endsAt: Date }>(
      `UPDATE session SET digest = $2, strength = $3, amr = $4, acr = $5, authenticated_at = $6, last_used_at = $7,
              ends_at = LEAST(ends_at, $13::timestamptz),
              identity_provider_id = coalesce($9::uuid, identity_provider_id),
              subject = CASE WHEN $9::uuid IS NULL THEN subject ELSE $10 END,
              provider_sid = CASE WHEN $9::uuid IS NULL THEN provider_sid ELSE $11 END,
              id_token = CASE WHEN $9::uuid IS NULL THEN id_token ELSE $12 END
        WHERE ${OWN} AND id = $1 AND ended_at IS NULL AND ends_at > $7 AND last_used_at > $8 RETURNING ends_at`,
      [
        row.id,
        row.digest,
        row.strength,
        row.amr,
        row.acr,
        row.at,
        row.now,
        row.usedAfter,
        row.provider?.id ?? null,
        row.provider?.subject ?? null,
        row.provider?.sid ?? null,
        row.idToken,
        row.endsBy,
      ],
    );
  }

  /** The same session under another id, in another organisation or back. Null when it has ended. */
  support(
    tx: Tx,
    id: string,
    digest: Buffer,
    support: { organisationId: string; id: string } | null,
    now: Date,
  ): Promise<{ endsAt: Date } | null> {
    return tx.maybeOne<{ endsAt: Date }>(
      `UPDATE session SET digest = $2, support_organisation_id = $3, support_session_id = $4, last_used_at = $5
        WHERE ${OWN} AND id = $1 AND ended_at IS NULL AND ends_at > $5 RETURNING ends_at`,
      [id, digest, support?.organisationId ?? null, support?.id ?? null, now],
    );
  }

  async own(tx: Tx, id: string, objectId: string): Promise<void> {
    await tx.execute(
      `UPDATE session SET set_up_objects = array_append(set_up_objects, $2::uuid)
        WHERE ${OWN} AND id = $1 AND kind = 'set_up' AND NOT $2::uuid = ANY(set_up_objects)`,
      [id, objectId],
    );
  }

  /**
   * Where a session and an account of a provider are named, those of the account go whose own session there was never told.
   *
   * @returns How many were live until now.
   */
  end(tx: Tx, where: SessionsWhere, because: SessionEnd, now: Date): Promise<number> {
    return tx.execute(
      `UPDATE session SET ended_at = $1, ended_because = $2
        WHERE ${OWN} AND ended_at IS NULL
          AND ($3::uuid[] IS NULL OR id = ANY($3::uuid[]))
          AND ($4::uuid[] IS NULL OR person_id = ANY($4::uuid[]))
          AND ($5::uuid IS NULL OR identity_provider_id = $5::uuid)
          AND ($6::text IS NULL OR provider_sid = $6::text OR (provider_sid IS NULL AND $7::text IS NOT NULL))
          AND ($7::text IS NULL OR subject = $7::text)
          AND ($8::uuid IS NULL OR set_up_link_id = $8::uuid)
          AND ($9::uuid[] IS NULL OR id <> ALL($9::uuid[]))`,
      [
        now,
        because,
        where.ids ?? null,
        where.personIds ?? null,
        where.identityProviderId ?? null,
        where.sid ?? null,
        where.subject ?? null,
        where.setUpLinkId ?? null,
        where.except ?? null,
      ],
    );
  }

  /** Of one person, those that still work: newest first. */
  list(tx: Tx, personId: string, usedAfter: Date, now: Date): Promise<SessionRow[]> {
    return tx.query<SessionRow>(
      `SELECT id, strength, address, user_agent, created_at, last_used_at, ends_at FROM session
        WHERE ${OWN} AND person_id = $1 AND ended_at IS NULL AND ends_at > $3 AND last_used_at > $2
        ORDER BY created_at DESC, id DESC LIMIT 200`,
      [personId, usedAfter, now],
    );
  }

  provider(tx: Tx, id: string): Promise<SessionProviderRow | null> {
    return tx.maybeOne<SessionProviderRow>(
      `SELECT identity_provider_id AS provider_id, subject, provider_sid AS sid, id_token FROM session
        WHERE ${OWN} AND id = $1 AND identity_provider_id IS NOT NULL`,
      [id],
    );
  }

  /** Of the organisation, and of the person when there is one, what they are shown of themselves. */
  async shown(
    tx: Tx,
    personId: string | null,
  ): Promise<{ organisation: { id: string; name: string }; person: ShownPerson | null }> {
    const organisation = await tx.one<{ id: string; name: string }>(
      `SELECT id, name FROM organisation WHERE id = current_setting('rollcall.organisation_id')::uuid`,
    );
    const person =
      personId === null
        ? null
        : await tx.maybeOne<ShownPerson>(
            `SELECT id, email, first_name, last_name, is_admin FROM person WHERE ${OWN} AND id = $1`,
            [personId],
          );
    return { organisation, person };
  }

  visited(tx: Tx, supportSessionId: string): Promise<{ organisationName: string; reason: string; endsAt: Date }> {
    return tx.one(
      `SELECT g.name AS organisation_name, s.reason, s.ends_at FROM support_session s JOIN organisation g ON g.id = s.organisation_id
        WHERE s.${OWN} AND s.id = $1`,
      [supportSessionId],
    );
  }

  async isPerson(tx: Tx, personId: string): Promise<boolean> {
    return (await tx.maybeOne(`SELECT 1 FROM person WHERE ${OWN} AND id = $1`, [personId])) !== null;
  }

  /** @returns How many were forgotten. */
  forgetBefore(tx: Tx, before: Date): Promise<number> {
    return tx.execute(`DELETE FROM session WHERE ${OWN} AND (ended_at < $1 OR ends_at < $1)`, [before]);
  }
}
