import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

/** Where data about a person lie, and what becomes of them when they are erased. */
export interface PersonalTable {
  table: string;
  /**
   * Which rows are the person's, of the table `t`. `who` has person, connections and externals (their records, side by
   * side), addresses (every one that is known of them), and patterns, which find these in texts.
   */
  rows: string;
  /** What the columns become; `delete`: the row goes. */
  erased: 'delete' | Readonly<Record<string, string>>;
  /** Columns with personal data. A test holds every column of the schema against these lists. */
  columns: readonly string[];
  /** Not exported: what proves who somebody is, and digests. */
  withheld?: readonly string[];
  /** False: rows of somebody else that only mention the person; they are erased from it, not exported. */
  exported?: false;
}

const RECORD = `EXISTS (SELECT FROM unnest(who.connections, who.externals) AS r(connection_id, external_id)
  WHERE r.connection_id = t.connection_id AND r.external_id = t.external_id)`;
const RECORD_OF_RUN = `t.external_id = ANY(who.externals) AND EXISTS (SELECT FROM run u
  JOIN unnest(who.connections, who.externals) AS r(connection_id, external_id) ON r.connection_id = u.connection_id
  WHERE u.organisation_id = t.organisation_id AND u.id = t.run_id AND r.external_id = t.external_id)`;
const RUN_IS_OVER = `NOT EXISTS (SELECT FROM run u WHERE u.organisation_id = t.organisation_id AND u.id = t.run_id
  AND u.state IN ('reading', 'planning', 'applying'))`;
const ADDRESS_IN = (column: string): string => `${column} ~ ANY(who.patterns)`;
const WITHOUT_WORDS = `jsonb_build_object('code', t.reason->'code', 'text', 'Erased.')`;
/** Of the values before and after a change, what is no personal data and is still read. */
const BARE = (column: string): string =>
  `CASE WHEN ${column} IS NULL THEN NULL ELSE jsonb_strip_nulls(jsonb_build_object('state', ${column}->'state',
    'conflict', ${column}->'conflict')) END`;

/** G-06, G-09: the one list of it. What is exported is what is erased. */
export const PERSONAL_DATA: readonly PersonalTable[] = [
  {
    table: 'planned_change',
    // A preview gives newcomers ids that nobody gets.
    rows: `(t.person_id = who.person OR ${RECORD_OF_RUN} AND NOT EXISTS (SELECT FROM person p
      WHERE p.organisation_id = t.organisation_id AND p.id = t.person_id AND p.id <> who.person))`,
    erased: { label: `'Erased'`, reason: WITHOUT_WORDS, before: BARE('t.before'), after: BARE('t.after') },
    columns: ['label', 'reason', 'before', 'after'],
    withheld: ['record_hash'],
  },
  {
    table: 'planned_change',
    rows: 't.other_person_id = who.person AND t.person_id IS DISTINCT FROM who.person',
    erased: { reason: WITHOUT_WORDS },
    columns: ['reason'],
    exported: false,
  },
  {
    table: 'hold_member',
    rows: 't.person_id = who.person',
    erased: { reason: WITHOUT_WORDS, last_sign_in_at: 'NULL' },
    columns: ['reason', 'last_sign_in_at'],
    withheld: ['facts_hash'],
  },
  {
    table: 'override',
    rows: 't.person_id = who.person',
    erased: { released_why: `CASE WHEN t.released_why IS NULL THEN NULL ELSE 'Erased.' END` },
    columns: ['released_why'],
    withheld: ['facts_hash'],
  },
  {
    table: 'conflict',
    rows: `(t.person_id = who.person OR t.other_person_id = who.person OR ${RECORD})`,
    erased: { detail: `'{"text":"Erased.","address":null}'` },
    columns: ['detail'],
  },
  {
    table: 'notice',
    rows: 't.person_id = who.person',
    erased: { message: `'Erased.'`, detail: `'{}'` },
    columns: ['message', 'detail'],
  },
  {
    table: 'staged_record',
    rows: `${RECORD_OF_RUN} AND ${RUN_IS_OVER}`,
    erased: 'delete',
    columns: ['body', 'email_canonical', 'fault', 'awaited_manager', 'unmatched_title', 'unmatched_team'],
    withheld: ['hash'],
  },
  {
    table: 'directory_record',
    rows: `t.gone_at IS NOT NULL AND (t.person_id = who.person OR t.email_canonical = ANY(who.addresses))`,
    erased: 'delete',
    columns: ['body', 'email_canonical', 'fault', 'awaited_manager', 'unmatched_title', 'unmatched_team'],
    withheld: ['observed_hash', 'settled_hash'],
  },
  {
    // The directory still lists it, out of scope: its id stays, tied to nobody, so that nothing is made of it again.
    table: 'directory_record',
    rows: 't.gone_at IS NULL AND t.person_id = who.person',
    erased: {
      person_id: 'NULL',
      linked_at: 'NULL',
      body: 'NULL',
      email_canonical: 'NULL',
      fault: 'NULL',
      awaited_manager: 'NULL',
      unmatched_title: 'NULL',
      unmatched_team: 'NULL',
      settled_hash: 't.observed_hash',
    },
    columns: ['body', 'email_canonical', 'fault', 'awaited_manager', 'unmatched_title', 'unmatched_team'],
    withheld: ['observed_hash', 'settled_hash'],
  },
  {
    table: 'directory_record',
    rows: `(t.awaited_manager = ANY(who.addresses) OR t.body->'manager'->>'value' = ANY(who.addresses))`,
    erased: { awaited_manager: 'NULL', body: `t.body || '{"manager":null}'` },
    columns: [],
    exported: false,
  },
  {
    table: 'sign_in_attempt',
    rows: `(t.session_id IN (SELECT s.id FROM session s WHERE s.organisation_id = t.organisation_id AND s.person_id = who.person)
      OR ${ADDRESS_IN('t.result::text')})`,
    erased: 'delete',
    columns: ['result'],
    withheld: ['state_digest', 'browser_digest', 'nonce', 'verifier'],
  },
  {
    table: 'session',
    rows: 't.person_id = who.person',
    erased: 'delete',
    columns: ['address', 'user_agent', 'subject', 'provider_sid', 'id_token', 'amr', 'acr', 'digest'],
    withheld: ['digest', 'id_token'],
  },
  {
    table: 'sign_in_token',
    rows: 't.person_id = who.person',
    erased: 'delete',
    columns: ['return_to', 'digest', 'browser_digest'],
    withheld: ['digest', 'browser_digest'],
  },
  { table: 'identity_link', rows: 't.person_id = who.person', erased: 'delete', columns: ['subject'] },
  {
    table: 'passkey',
    rows: 't.person_id = who.person',
    erased: 'delete',
    columns: ['name', 'credential_id', 'public_key', 'transports'],
    withheld: ['public_key', 'counter'],
  },
  {
    table: 'mail',
    rows: '(t.person_id = who.person OR t.recipient = ANY(who.addresses))',
    erased: 'delete',
    columns: ['recipient', 'body', 'cause'],
    withheld: ['body'],
  },
  {
    table: 'idempotency_key',
    rows: `(position(who.person::text IN t.response::text) > 0 OR ${ADDRESS_IN('t.response::text')})`,
    erased: 'delete',
    columns: ['response'],
    exported: false,
  },
  { table: 'former_address', rows: 't.person_id = who.person', erased: 'delete', columns: ['email'] },
  { table: 'person_token', rows: 't.person_id = who.person', erased: 'delete', columns: ['token'] },
  {
    table: 'person',
    rows: 't.id = who.person',
    erased: {
      email: `'erased-' || t.id || '@invalid'`,
      email_canonical: `'erased-' || t.id || '@invalid'`,
      first_name: 'NULL',
      last_name: 'NULL',
      sort_name: `''`,
      team_id: 'NULL',
      position_id: 'NULL',
      manager_id: 'NULL',
      employee_number: 'NULL',
      attributes: `'{}'`,
      is_protected: 'false',
      version: 't.version + 1',
      updated_at: 'who.now',
      erased_at: 'who.now',
    },
    columns: ['email', 'email_canonical', 'first_name', 'last_name', 'sort_name', 'employee_number', 'attributes'],
  },
];

/** Texts about others in which an address of the person may stand. */
const MENTIONS: readonly { table: string; column: string; type: 'text' | 'jsonb' }[] = [
  { table: 'notice', column: 'message', type: 'text' },
  { table: 'notice', column: 'detail', type: 'jsonb' },
  { table: 'conflict', column: 'detail', type: 'jsonb' },
  { table: 'hold', column: 'shared', type: 'jsonb' },
  { table: 'planned_change', column: 'reason', type: 'jsonb' },
  { table: 'planned_change', column: 'before', type: 'jsonb' },
  { table: 'planned_change', column: 'after', type: 'jsonb' },
];

/** Of whom: their records side by side, and every address that is known of them. */
export interface Who {
  person: string;
  connections: string[];
  externals: string[];
  addresses: string[];
  /** Of the addresses: each alone, and not as a part of a longer one. */
  patterns: string[];
  now: Date;
}

/** What must be known of somebody before anything is erased. */
export interface Erasable {
  state: string;
  emailCanonical: string;
  erased: boolean;
  /** A directory lists them and takes them in. */
  listed: boolean;
}

const WHO = `who AS MATERIALIZED (
  SELECT $1::uuid AS person, $2::uuid[] AS connections, $3::text[] AS externals, $4::text[] AS addresses, $5::timestamptz AS now,
    $6::text[] AS patterns)`;

@Injectable()
export class PersonalDataRepository {
  /** Locked: nobody changes them meanwhile. */
  lock(tx: Tx, personId: string): Promise<Erasable | null> {
    return tx.maybeOne<Erasable>(
      `SELECT p.state, p.email_canonical, p.erased_at IS NOT NULL AS erased,
              EXISTS (SELECT FROM directory_record d WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id
                        AND d.gone_at IS NULL AND d.in_scope) AS listed
         FROM person p WHERE p.organisation_id = ${ORGANISATION} AND p.id = $1 FOR UPDATE`,
      [personId],
    );
  }

  /** Null when there is no such person. */
  async who(tx: Tx, personId: string, now: Date): Promise<Who | null> {
    const person = await tx.maybeOne<{ addresses: string[] }>(
      `SELECT array_remove(ARRAY[p.email, p.email_canonical]
           || ARRAY(SELECT f.email FROM former_address f WHERE f.organisation_id = p.organisation_id AND f.person_id = p.id)
           || ARRAY(SELECT d.email_canonical FROM directory_record d WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id)
           || ARRAY(SELECT d.body->>'email' FROM directory_record d WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id),
         NULL) AS addresses
         FROM person p WHERE p.organisation_id = ${ORGANISATION} AND p.id = $1`,
      [personId],
    );
    if (person === null) return null;
    const records = await tx.query<{ connectionId: string; externalId: string }>(
      `SELECT connection_id, external_id FROM directory_record WHERE organisation_id = ${ORGANISATION} AND person_id = $1`,
      [personId],
    );
    const addresses = [...new Set(person.addresses)];
    return {
      person: personId,
      connections: records.map(({ connectionId }) => connectionId),
      externals: records.map(({ externalId }) => externalId),
      addresses,
      patterns: addresses.map(patternOf),
      now,
    };
  }

  /** The person's rows of one table, without what is withheld. */
  async exported(tx: Tx, who: Who, of: PersonalTable): Promise<Record<string, unknown>[]> {
    const rows = await tx.query<{ row: Record<string, unknown> }>(
      `WITH ${WHO} SELECT to_jsonb(t) - $7::text[] AS row FROM "${of.table}" t, who
        WHERE t.organisation_id = ${ORGANISATION} AND ${of.rows} AND who.now IS NOT NULL`,
      [...valuesOf(who), ['organisation_id', ...(of.withheld ?? [])]],
    );
    return rows.map(({ row }) => row);
  }

  /** What was told to the outside about the person. */
  async events(tx: Tx, personId: string): Promise<Record<string, unknown>[]> {
    const rows = await tx.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(e) - ARRAY['organisation_id', 'seq'] AS row FROM event e
        WHERE e.organisation_id = ${ORGANISATION} AND e.person_id = $1 ORDER BY e.seq`,
      [personId],
    );
    return rows.map(({ row }) => row);
  }

  /** Returns of how many rows. */
  async erase(tx: Tx, who: Who, of: PersonalTable): Promise<number> {
    const where = `WHERE t.organisation_id = ${ORGANISATION} AND ${of.rows}`;
    if (of.erased === 'delete')
      return tx.execute(`WITH ${WHO} DELETE FROM "${of.table}" t USING who ${where}`, valuesOf(who));
    const set = Object.entries(of.erased).map(([column, value]) => `"${column}" = ${value}`);
    return tx.execute(`WITH ${WHO} UPDATE "${of.table}" t SET ${set.join(', ')} FROM who ${where}`, valuesOf(who));
  }

  /** Takes the person's addresses out of texts about others. */
  async eraseMentions(tx: Tx, who: Who): Promise<number> {
    let count = 0;
    for (const { table, column, type } of MENTIONS)
      for (const pattern of who.patterns)
        count += await tx.execute(
          `UPDATE "${table}" SET "${column}" = regexp_replace("${column}"::text, $1, 'erased', 'g')::${type}
            WHERE organisation_id = ${ORGANISATION} AND "${column}"::text ~ $1`,
          [pattern],
        );
    return count;
  }

  /** What the events say stays: that something happened, of which kind, to whom; not the values. */
  async eraseEvents(tx: Tx, personId: string): Promise<number> {
    return (await tx.one<{ n: number }>('SELECT erase_events($1) AS n', [personId])).n;
  }

  /** What is known of somebody who was erased. */
  standing(tx: Tx, personId: string): Promise<{ state: string; version: number }> {
    return tx.one<{ state: string; version: number }>(
      `SELECT state, version FROM person WHERE organisation_id = ${ORGANISATION} AND id = $1`,
      [personId],
    );
  }

  async remember(
    tx: Tx,
    row: { id: string; person: string; because: 'admin' | 'retention'; by: string; at: Date; counts: string },
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO erasure (organisation_id, id, person_id, because, by, at, counts)
       VALUES (${ORGANISATION}, $1, $2, $3, $4::jsonb, $5, $6::jsonb)`,
      [row.id, row.person, row.because, row.by, row.at, row.counts],
    );
  }

  /** People who were archived before then, whom no directory takes in; the longest gone first. */
  async due(tx: Tx, before: Date, limit: number): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT p.id FROM person p
        WHERE p.organisation_id = ${ORGANISATION} AND p.state = 'archived' AND p.erased_at IS NULL AND p.archived_at < $1
          AND NOT EXISTS (SELECT FROM directory_record d WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id
                            AND d.gone_at IS NULL AND d.in_scope)
        ORDER BY p.archived_at LIMIT $2`,
      [before, limit],
    );
    return rows.map(({ id }) => id);
  }
}

function valuesOf(who: Who): unknown[] {
  return [who.person, who.connections, who.externals, who.addresses, who.now, who.patterns];
}

/** Finds an address in a text, or in JSON, and not within another one: ann@acme.example is not joann@acme.example. */
export function patternOf(address: string): string {
  const literal = JSON.stringify(address)
    .slice(1, -1)
    .replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
  return `(?<![[:alnum:].!#$%&'*+/=?^_\`{|}~-])${literal}(?![[:alnum:]-]|[.][[:alnum:]])`;
}
