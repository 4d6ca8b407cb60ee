import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { PersonRow } from './people.types.js';

const ORGANISATION = `(SELECT current_setting('rollcall.organisation_id')::uuid)`;

const ROW = `p.id, p.origin, p.state, p.email, p.email_canonical, p.first_name, p.last_name, p.team_id, p.position_id,
  p.manager_id, p.employee_number, p.attributes, p.is_admin, p.is_protected, p.archive_reasons, p.archived_at,
  p.archived_from, p.version`;

const RECORDSET = `r(id uuid, state text, email text, email_canonical text, first_name text, last_name text, sort_name text,
  is_admin boolean, is_protected boolean, team_id uuid, position_id uuid, manager_id uuid, employee_number text,
  attributes jsonb, archive_reasons text[], archived_at timestamptz, archived_from text, version integer, words text[])`;

/** What ends the sessions of a person. */
export const ACCESS_ENDS = ['archived', 'relinked', 'role_lost', 'role_gained'] as const;
export type AccessEnd = (typeof ACCESS_ENDS)[number];

/** The statements of the only writer of people: each for a whole batch, so that their number does not grow with it. */
@Injectable()
export class ApplyRepository {
  /**
   * Locks these people, and all active admins when one of them could be ended, always in order of id: two who want the
   * same rows queue instead of blocking each other. Rows are as they are once the lock is held. Who was erased is nobody.
   */
  async lock(tx: Tx, ids: readonly string[], withAdmins: boolean): Promise<PersonRow[]> {
    const admins = `UNION SELECT a.id FROM person a WHERE a.organisation_id = ${ORGANISATION} AND a.is_admin AND a.state = 'active'`;
    return tx.query<PersonRow>(
      `SELECT ${ROW} FROM person p
       WHERE p.organisation_id = ${ORGANISATION} AND p.id IN (SELECT unnest($1::uuid[]) ${withAdmins ? admins : ''})
         AND p.erased_at IS NULL
       ORDER BY p.id FOR NO KEY UPDATE`,
      [ids],
    );
  }

  /** Who has these addresses and is not archived. */
  async holders(tx: Tx, addresses: readonly string[]): Promise<Map<string, string>> {
    const rows = await tx.query<{ emailCanonical: string; id: string }>(
      `SELECT email_canonical, id FROM person
       WHERE organisation_id = ${ORGANISATION} AND state <> 'archived' AND email_canonical = ANY($1::text[])`,
      [addresses],
    );
    return new Map(rows.map((row) => [row.emailCanonical, row.id]));
  }

  /**
   * Of these teams, positions and people, those that are there. People one by one through their key (OFFSET 0): in a first
   * import the planner takes their table for a small one and would read an index whole.
   */
  async existing(
    tx: Tx,
    teams: readonly string[],
    positions: readonly string[],
    people: readonly string[],
  ): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM team WHERE organisation_id = ${ORGANISATION} AND id = ANY($1::uuid[])
       UNION ALL SELECT id FROM position WHERE organisation_id = ${ORGANISATION} AND id = ANY($2::uuid[])
       UNION ALL
       SELECT p.id FROM unnest($3::uuid[]) AS wanted(id)
         CROSS JOIN LATERAL (SELECT id FROM person WHERE organisation_id = ${ORGANISATION} AND id = wanted.id OFFSET 0) p`,
      [teams, positions, people],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Takes their addresses away for the length of a statement, so that others of the batch can have them. */
  async vacate(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE person SET email_canonical = E'\\x01' || id::text WHERE organisation_id = ${ORGANISATION} AND id = ANY($1::uuid[])`,
      [ids],
    );
  }

  /**
   * Adds people with their search words, in order of address: two batches that want the same ones queue. Words go in order
   * too, so that an index is written page by page.
   *
   * @returns Who was added. The others' id or address is somebody's already.
   */
  async add(tx: Tx, rows: string, origin: string, now: Date): Promise<Set<string>> {
    const added = await tx.query<{ id: string }>(
      `WITH input AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS ${RECORDSET}),
       added AS (
         INSERT INTO person (organisation_id, id, origin, state, email, email_canonical, first_name, last_name, sort_name, is_admin,
           is_protected, team_id, position_id, manager_id, employee_number, attributes, archive_reasons, archived_at, archived_from, version,
           created_at, updated_at)
         SELECT ${ORGANISATION}, r.id, $2, r.state, r.email, r.email_canonical, r.first_name, r.last_name, r.sort_name, r.is_admin,
           r.is_protected, r.team_id, r.position_id, r.manager_id, r.employee_number, r.attributes, r.archive_reasons,
           r.archived_at, r.archived_from, r.version, $3, $3
         FROM input r ORDER BY r.email_canonical
         ON CONFLICT DO NOTHING RETURNING id),
       words AS (
         INSERT INTO person_token (organisation_id, token, person_id)
         SELECT ${ORGANISATION}, word, r.id FROM input r JOIN added ON added.id = r.id, unnest(r.words) AS word
         ORDER BY word, r.id)
       SELECT id FROM added`,
      [rows, origin, now],
    );
    return new Set(added.map((row) => row.id));
  }

  /** Writes whole rows; they are locked, so nothing of anybody else is lost. */
  async update(tx: Tx, rows: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE person p SET state = r.state, email = r.email, email_canonical = r.email_canonical, first_name = r.first_name,
         last_name = r.last_name, sort_name = r.sort_name, is_admin = r.is_admin, is_protected = r.is_protected,
         team_id = r.team_id, position_id = r.position_id, manager_id = r.manager_id, employee_number = r.employee_number,
         attributes = r.attributes, archive_reasons = r.archive_reasons, archived_at = r.archived_at, archived_from = r.archived_from, version = r.version,
         updated_at = $2
       FROM jsonb_to_recordset($1::jsonb) AS ${RECORDSET}
       WHERE p.organisation_id = ${ORGANISATION} AND p.id = r.id`,
      [rows, now],
    );
  }

  /** @param rows JSON array of id and words. */
  async replaceWords(tx: Tx, ids: readonly string[], rows: string): Promise<void> {
    await tx.execute(
      `DELETE FROM person_token WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[])`,
      [ids],
    );
    await tx.execute(
      `INSERT INTO person_token (organisation_id, token, person_id)
       SELECT ${ORGANISATION}, word, r.id FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, words text[]), unnest(r.words) AS word`,
      [rows],
    );
  }

  /** @param rows JSON array of id, person_id, email. */
  async keepFormerAddresses(tx: Tx, rows: string, until: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO former_address (organisation_id, id, person_id, email, until)
       SELECT ${ORGANISATION}, r.id, r.person_id, r.email, $2
       FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, person_id uuid, email text)`,
      [rows, until],
    );
  }

  /** @returns Who was an operator, and who was on the break-glass list. */
  async endPrivileges(
    tx: Tx,
    people: readonly string[],
    now: Date,
  ): Promise<{ operators: string[]; breakGlass: string[] }> {
    const operators = await tx.query<{ personId: string }>(
      'SELECT person_id FROM end_operators($1::uuid[], $2::timestamptz)',
      [people, now],
    );
    const breakGlass = await tx.query<{ personId: string }>(
      `DELETE FROM break_glass WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[]) RETURNING person_id`,
      [people],
    );
    return {
      operators: operators.map(({ personId }) => personId),
      breakGlass: breakGlass.map(({ personId }) => personId),
    };
  }

  /** Links to sign in that went to an address which is theirs no more. */
  async endLinks(tx: Tx, people: readonly string[], now: Date): Promise<void> {
    await tx.execute(
      `UPDATE sign_in_token SET ended_at = $2
        WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[]) AND kind = 'link' AND used_at IS NULL
          AND ended_at IS NULL`,
      [people, now],
    );
  }

  async revokeKeys(tx: Tx, people: readonly string[], now: Date): Promise<void> {
    await tx.execute(
      `UPDATE api_key SET revoked_at = $2
       WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[]) AND revoked_at IS NULL`,
      [people, now],
    );
  }

  /**
   * Whatever lets these people in or act ends with this transaction: their sessions with what they began in them, open links to
   * sign in, and set-up links that they made for others, with what is being set up by them. All instances look each of these up
   * anew.
   */
  async endAccess(tx: Tx, people: readonly string[], because: AccessEnd, now: Date): Promise<void> {
    await tx.execute(
      `WITH ended AS (
         UPDATE session SET ended_at = $2, ended_because = $3
          WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[]) AND ended_at IS NULL RETURNING id),
       attempts AS (
         UPDATE sign_in_attempt SET used_at = $2
          WHERE organisation_id = ${ORGANISATION} AND session_id IN (SELECT id FROM ended) AND used_at IS NULL
            AND created_at > $2::timestamptz - interval '1 day'),
       tokens AS (
         UPDATE sign_in_token SET ended_at = $2
          WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[]) AND used_at IS NULL AND ended_at IS NULL),
       links AS (
         UPDATE set_up_link SET revoked_at = $2, revoked_by = '{"kind":"system"}'
          WHERE organisation_id = ${ORGANISATION} AND $3 <> 'role_gained' AND revoked_at IS NULL
            AND (used_at IS NULL OR used_at > $2::timestamptz - interval '1 day')
            AND (made_by->>'personId' = ANY($1::text[]) OR made_by->>'kind' = 'person' AND made_by->>'id' = ANY($1::text[])))
       SELECT`,
      [people, now, because],
    );
  }

  /**
   * Ends the invitations that these people have, or made, and that do not hold any more; whoever else changes one of them
   * comes first or finds it closed. The mail is withdrawn by a statement of its own: it sees what was sent meanwhile.
   *
   * @param rows JSON array of person_id, because, and whether it is about what they made.
   * @returns What was closed.
   */
  async closeInvitations(tx: Tx, rows: string, now: Date): Promise<{ id: string; because: string }[]> {
    const closed = await tx.query<{ id: string; mailId: string | null; because: string }>(
      `WITH ends AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(person_id uuid, because text, made boolean)),
       over AS (
         SELECT i.id, e.because FROM ends e JOIN invitation i ON i.person_id = e.person_id
          WHERE NOT e.made AND i.organisation_id = ${ORGANISATION} AND i.accepted_at IS NULL AND i.closed_at IS NULL
            AND (e.because <> 'replaced' OR NOT i.is_admin)
         UNION ALL
         SELECT i.id, e.because FROM ends e JOIN invitation i ON i.inviter_id = e.person_id
          WHERE e.made AND i.organisation_id = ${ORGANISATION} AND i.accepted_at IS NULL AND i.closed_at IS NULL)
       UPDATE invitation i SET closed_at = $2, closed_because = o.because FROM over o
        WHERE i.organisation_id = ${ORGANISATION} AND i.id = o.id AND i.accepted_at IS NULL AND i.closed_at IS NULL
       RETURNING i.id, i.mail_id, i.closed_because AS because`,
      [rows, now],
    );
    const mails = closed.flatMap(({ mailId }) => mailId ?? []);
    if (mails.length > 0)
      await tx.execute(
        `UPDATE mail SET state = 'failed', problem = 'withdrawn', body = NULL, next_try_at = NULL, taken_until = NULL
          WHERE organisation_id = ${ORGANISATION} AND id = ANY($1::uuid[]) AND state IN ('waiting', 'kept')`,
        [mails],
      );
    return closed;
  }

  /** Their records, and those of nobody with their addresses, are planned again in the next run, changed or not. */
  async unsettle(tx: Tx, people: readonly string[], addresses: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE directory_record SET settled_hash = NULL, settled_at = NULL
       WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[]) AND settled_hash IS NOT NULL`,
      [people],
    );
    await tx.execute(
      `UPDATE directory_record SET settled_hash = NULL, settled_at = NULL
       WHERE organisation_id = ${ORGANISATION} AND email_canonical = ANY($1::text[]) AND person_id IS NULL AND settled_hash IS NOT NULL`,
      [addresses],
    );
  }

  /** Records that wait for a manager who is here now. A manager is named as the mirror names one: by address. */
  async unsettleAwaiting(tx: Tx, managers: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE directory_record SET settled_hash = NULL, settled_at = NULL
       WHERE organisation_id = ${ORGANISATION} AND awaited_manager = ANY($1::text[]) AND settled_hash IS NOT NULL`,
      [managers],
    );
  }
}
