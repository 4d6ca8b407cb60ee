import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const OWN = `organisation_id = ${ORGANISATION}`;

export interface LinkRequestRow {
  id: string;
  emailCanonical: string;
  browserDigest: Buffer;
  returnTo: string | null;
  address: string;
  createdAt: Date;
}

export interface Receiver {
  personId: string;
  emailCanonical: string;
  /** A link is no way in for this person: the organisation's own sign-in is, and nothing else. */
  ssoOnly: boolean;
}

export interface NewToken {
  id: string;
  personId: string;
  kind: 'link' | 'break_glass';
  digest: Buffer;
  browserDigest: Buffer | null;
  returnTo: string | null;
  madeBy: string;
  createdAt: Date;
  expiresAt: Date;
}

export interface UsedToken {
  id: string;
  kind: 'link' | 'break_glass';
  personId: string;
  returnTo: string | null;
}

/** Of person p in organisation o: nothing but its own sign-in lets them in. O-77: exempt are the people of the break-glass list, and operators in the installation's own organisation. */
export const SSO_ONLY = `(o.sso AND o.sso_enforced
  AND NOT EXISTS (SELECT 1 FROM break_glass b WHERE b.organisation_id = p.organisation_id AND b.person_id = p.id)
  AND NOT (o.is_installation AND EXISTS (SELECT 1 FROM operator x
    WHERE x.organisation_id = p.organisation_id AND x.person_id = p.id AND x.ended_at IS NULL)))`;

@Injectable()
export class LinksRepository {
  /** As worker. */
  async ask(worker: Tx, row: LinkRequestRow): Promise<void> {
    await worker.execute(
      `INSERT INTO link_request (id, email_canonical, browser_digest, return_to, address, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [row.id, row.emailCanonical, row.browserDigest, row.returnTo, row.address, row.createdAt],
    );
  }

  /** As worker: the one that waits longest, which nobody else looks at until this transaction ends. */
  next(worker: Tx, now: Date): Promise<LinkRequestRow | null> {
    return worker.maybeOne<LinkRequestRow>(
      `SELECT id, email_canonical, browser_digest, return_to, address, created_at FROM link_request
        WHERE taken_until IS NULL OR taken_until <= $1 ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [now],
    );
  }

  /** As worker: one that failed stands back, so that the others come first. */
  async putOff(worker: Tx, id: string, until: Date): Promise<void> {
    await worker.execute('UPDATE link_request SET taken_until = $2 WHERE id = $1', [id, until]);
  }

  /** As worker: two requests for one address are worked on one after the other, or the limit would count neither. */
  async alone(worker: Tx, emailCanonical: string): Promise<void> {
    await worker.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4))', [emailCanonical]);
  }

  async done(worker: Tx, id: string): Promise<void> {
    await worker.execute('DELETE FROM link_request WHERE id = $1', [id]);
  }

  /** As worker. */
  people(worker: Tx, emailCanonical: string): Promise<{ organisationId: string; personId: string }[]> {
    return worker.query('SELECT organisation_id, person_id FROM people_by_address($1) ORDER BY organisation_id', [
      emailCanonical,
    ]);
  }

  /** Null when the person has gone, or has another address now. Locked: whoever changes it finds the link, and ends it. */
  receiver(tx: Tx, personId: string, emailCanonical: string): Promise<Receiver | null> {
    return tx.maybeOne<Receiver>(
      `SELECT p.id AS person_id, p.email_canonical, ${SSO_ONLY} AS sso_only
        FROM person p JOIN organisation o ON o.id = p.organisation_id
       WHERE p.organisation_id = ${ORGANISATION} AND p.id = $1 AND p.email_canonical = $2 AND p.state = 'active'
         AND o.delete_after IS NULL FOR SHARE OF p`,
      [personId, emailCanonical],
    );
  }

  /** Whoever has this address here and may sign in. */
  receiverByAddress(tx: Tx, emailCanonical: string): Promise<Receiver | null> {
    return tx.maybeOne<Receiver>(
      `SELECT p.id AS person_id, p.email_canonical, ${SSO_ONLY} AS sso_only
        FROM person p JOIN organisation o ON o.id = p.organisation_id
       WHERE p.organisation_id = ${ORGANISATION} AND p.email_canonical = $1 AND p.state = 'active'`,
      [emailCanonical],
    );
  }

  async insert(tx: Tx, token: NewToken): Promise<void> {
    await tx.execute(
      `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, browser_digest, return_to, made_by,
         created_at, expires_at) VALUES (${ORGANISATION}, $1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9)`,
      [
        token.id,
        token.personId,
        token.kind,
        token.digest,
        token.browserDigest,
        token.returnTo,
        token.madeBy,
        token.createdAt,
        token.expiresAt,
      ],
    );
  }

  /** I-05: of one person and browser the newest link alone is good. */
  async endOlder(tx: Tx, personId: string, browserDigest: Buffer, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE sign_in_token SET ended_at = $3
        WHERE ${OWN} AND person_id = $1 AND browser_digest = $2 AND used_at IS NULL AND ended_at IS NULL`,
      [personId, browserDigest, now],
    );
  }

  /** Uses a link up, judged here and now (I-01). Null when there is none to use, for this browser. */
  use(tx: Tx, digest: Buffer, browserDigest: Buffer | null, now: Date): Promise<UsedToken | null> {
    return tx.maybeOne<UsedToken>(
      `UPDATE sign_in_token SET used_at = $3
        WHERE ${OWN} AND digest = $1 AND kind IN ('link', 'break_glass') AND used_at IS NULL AND ended_at IS NULL
          AND expires_at > $3 AND (kind = 'break_glass' OR browser_digest = $2)
        RETURNING id, kind, person_id, return_to`,
      [digest, browserDigest, now],
    );
  }

  /** Uses up the code for the first operator. */
  async useFirst(tx: Tx, digest: Buffer, now: Date): Promise<boolean> {
    const used = await tx.execute(
      `UPDATE sign_in_token SET used_at = $2
        WHERE ${OWN} AND digest = $1 AND kind = 'first' AND used_at IS NULL AND ended_at IS NULL AND expires_at > $2`,
      [digest, now],
    );
    return used === 1;
  }

  /** What a link is worth, in whatever browser; null: there never was such a one, or it is long ago. */
  async standing(tx: Tx, digest: Buffer, now: Date): Promise<'open' | 'over' | null> {
    const row = await tx.maybeOne<{ open: boolean }>(
      `SELECT used_at IS NULL AND ended_at IS NULL AND expires_at > $2 AND kind = 'link' AS open FROM sign_in_token
        WHERE ${OWN} AND digest = $1 AND kind IN ('link', 'break_glass')`,
      [digest, now],
    );
    if (row === null) return null;
    return row.open ? 'open' : 'over';
  }
}
