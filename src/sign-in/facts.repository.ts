import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { PersonFacts } from './decide.types.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

/** Somebody who may be the one at the door, with what is needed to write to them. */
export interface KnownPerson extends PersonFacts {
  emailCanonical: string;
  origin: string;
  version: number;
  /** A living record of some directory is theirs. */
  managed: boolean;
}

/** The account that signs in, where an account is looked for. */
export interface Account {
  providerId: string;
  subject: string;
  /** Of the directory that signs its people in there. */
  connectionId: string | null;
}

/** Under which an open notice about two accounts of one person is known. */
export function conflictCause(providerId: string, personId: string): string {
  return `identity:${providerId}:${personId}`;
}

const PERSON = `p.id, p.state, p.archive_reasons, p.is_admin, p.erased_at IS NOT NULL AS erased, p.email_canonical, p.origin, p.version,
  EXISTS (SELECT FROM operator o WHERE o.organisation_id = p.organisation_id AND o.person_id = p.id AND o.ended_at IS NULL)
    AS is_operator,
  EXISTS (SELECT FROM break_glass b WHERE b.organisation_id = p.organisation_id AND b.person_id = p.id) AS is_break_glass,
  EXISTS (SELECT FROM directory_record d
           WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id AND d.gone_at IS NULL) AS managed,
  EXISTS (SELECT FROM identity_link l WHERE l.organisation_id = p.organisation_id AND l.person_id = p.id
             AND l.identity_provider_id = $1 AND l.subject <> $2)
  OR EXISTS (SELECT FROM directory_record d WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id
                AND d.connection_id = $3::uuid AND d.external_id <> $2 AND d.gone_at IS NULL) AS other_subject`;

/** Who stands at the door. Whoever is found is locked, so that what is decided holds until it is done. */
@Injectable()
export class FactsRepository {
  /** Whom the subject is tied to (O-38): by organisation, provider and subject, and nothing else. */
  linked(tx: Tx, account: Account): Promise<KnownPerson | null> {
    return this.person(
      tx,
      account,
      `p.id = (SELECT k.person_id FROM identity_link k WHERE k.${OWN} AND k.identity_provider_id = $1 AND k.subject = $2)
       AND $4::text IS NULL`,
      null,
    );
  }

  byId(tx: Tx, account: Account, id: string): Promise<KnownPerson | null> {
    return this.person(tx, account, 'p.id = $4::uuid', id);
  }

  /** Somebody whose the directory's record under the subject is still; null when it has become another's, or nobody's. */
  ofRecord(tx: Tx, account: Account, id: string): Promise<KnownPerson | null> {
    return this.person(
      tx,
      account,
      `p.id = $4::uuid AND EXISTS (SELECT FROM directory_record k WHERE k.${OWN} AND k.connection_id = $3::uuid
          AND k.external_id = $2 AND k.person_id = p.id)`,
      id,
    );
  }

  /** Who has the address and is not archived, else who was archived last with it. */
  byAddress(tx: Tx, account: Account, emailCanonical: string): Promise<KnownPerson | null> {
    return this.person(tx, account, 'p.email_canonical = $4', emailCanonical);
  }

  /** Whose session it is; null when it has ended, or was not used since `usedAfter`. */
  async ofSession(tx: Tx, sessionId: string, now: Date, usedAfter: Date): Promise<string | null> {
    const row = await tx.maybeOne<{ personId: string | null }>(
      `SELECT person_id FROM session WHERE ${OWN} AND id = $1 AND ended_at IS NULL AND ends_at > $2 AND last_used_at > $3`,
      [sessionId, now, usedAfter],
    );
    return row?.personId ?? null;
  }

  /** Told once while it is open. @returns whether it is new. */
  async notice(
    tx: Tx,
    notice: { id: string; kind: string; cause: string; personId: string; message: string; at: Date },
  ): Promise<boolean> {
    const rows = await tx.execute(
      `INSERT INTO notice (organisation_id, id, kind, cause, person_id, message, opened_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, $5, $6)
       ON CONFLICT (organisation_id, cause) WHERE mended_at IS NULL DO NOTHING`,
      [notice.id, notice.kind, notice.cause, notice.personId, notice.message, notice.at],
    );
    return rows === 1;
  }

  async mend(tx: Tx, cause: string, now: Date): Promise<void> {
    await tx.execute(`UPDATE notice SET mended_at = $2 WHERE ${OWN} AND cause = $1 AND mended_at IS NULL`, [
      cause,
      now,
    ]);
  }

  private person(
    tx: Tx,
    { providerId, subject, connectionId }: Account,
    which: string,
    value: string | null,
  ): Promise<KnownPerson | null> {
    return tx.maybeOne<KnownPerson>(
      `SELECT ${PERSON} FROM person p WHERE p.${OWN} AND ${which}
        ORDER BY p.archived_at DESC NULLS FIRST, p.id LIMIT 1 FOR SHARE OF p`,
      [providerId, subject, connectionId, value],
    );
  }
}
