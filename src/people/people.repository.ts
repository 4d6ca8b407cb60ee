import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { ArchiveReason, Origin, PersonFields } from './people.types.js';
import { endOfRange } from './search-words.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

export interface ListedPerson extends Omit<PersonFields, 'teamId' | 'positionId' | 'managerId'> {
  id: string;
  origin: Origin;
  sortName: string;
  teamId: string | null;
  teamName: string | null;
  positionId: string | null;
  positionName: string | null;
  managerId: string | null;
  managerName: string | null;
  archiveReasons: ArchiveReason[];
  archivedAt: Date | null;
  createdAt: Date;
  /** To the microsecond, as text: a Date would lose the last three digits, and a page its place. */
  createdExactly: string;
  updatedAt: Date;
  version: number;
}

export interface PeopleFilter {
  words: readonly string[];
  addresses: readonly string[];
  state: string | null;
  origin: string | null;
  teamId: string | null;
  positionId: string | null;
  managerId: string | null;
  admin: boolean | null;
  problem: Problem | null;
  sort: 'name' | 'email' | 'created';
  direction: 'asc' | 'desc';
}

export type Problem = 'conflict' | 'held' | 'manager_left' | 'no_manager' | 'unmatched_title';

/** Ids of the people who have a problem; those with one are few. */
const PROBLEMS: Record<Problem, string> = {
  conflict: `p.id IN (SELECT unnest(ARRAY[person_id, other_person_id]) FROM conflict
    WHERE organisation_id = ${ORGANISATION} AND resolved_at IS NULL)`,
  held: `p.id IN (SELECT m.person_id FROM hold_member m
    JOIN hold h ON h.organisation_id = m.organisation_id AND h.id = m.hold_id
    WHERE m.organisation_id = ${ORGANISATION} AND h.state = 'open' AND m.state = 'waiting')`,
  manager_left: `p.state <> 'archived' AND p.manager_id IN (SELECT person_id FROM notice
    WHERE organisation_id = ${ORGANISATION} AND kind = 'manager_left' AND mended_at IS NULL)`,
  no_manager: `p.manager_id IS NULL AND p.state <> 'archived'`,
  unmatched_title: `p.id IN (SELECT person_id FROM directory_record
    WHERE organisation_id = ${ORGANISATION} AND unmatched_title IS NOT NULL)`,
};

const SORTS = { name: 'p.sort_name', email: 'p.email_canonical', created: 'p.created_at' } as const;
const SORT_TYPES = { name: 'text', email: 'text', created: 'timestamptz' } as const;

const FROM_PAGE = `page.id, page.state, page.origin, page.email, page.email_canonical, page.first_name, page.last_name, page.sort_name,
  page.is_admin, page.is_protected, page.team_id, t.name AS team_name, page.position_id, o.name AS position_name, page.manager_id,
  coalesce(nullif(concat_ws(' ', m.first_name, m.last_name), ''), m.email) AS manager_name, page.employee_number, page.attributes,
  page.archive_reasons, page.archived_at, page.created_at, page.created_at::text AS created_exactly, page.updated_at, page.version
  FROM page
  LEFT JOIN team t ON t.organisation_id = page.organisation_id AND t.id = page.team_id
  LEFT JOIN position o ON o.organisation_id = page.organisation_id AND o.id = page.position_id
  LEFT JOIN person m ON m.organisation_id = page.organisation_id AND m.id = page.manager_id`;

/** Reads people. Only operators that are leakproof stand in conditions on person, so that row-level security lets indexes work. */
@Injectable()
export class PeopleRepository {
  /** @param after Sort key and id of the last person of the page before. */
  async page(tx: Tx, filter: PeopleFilter, after: [string, string] | null, limit: number): Promise<ListedPerson[]> {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = [`p.organisation_id = ${ORGANISATION}`, ...conditionsOf(filter, bind)];
    const key = SORTS[filter.sort];
    const direction = filter.direction === 'asc' ? 'ASC' : 'DESC';
    if (after !== null) {
      const beyond = filter.direction === 'asc' ? '>' : '<';
      conditions.push(
        `(${key}, p.id) ${beyond} (${bind(after[0])}::${SORT_TYPES[filter.sort]}, ${bind(after[1])}::uuid)`,
      );
    }
    if (filter.words.length > 0) await this.withoutReadingTables(tx);
    return tx.query<ListedPerson>(
      `WITH page AS MATERIALIZED (SELECT p.* FROM person p WHERE ${conditions.join(' AND ')}
         ORDER BY ${key} ${direction}, p.id ${direction} LIMIT ${bind(limit)})
       SELECT ${FROM_PAGE} ORDER BY ${key.replace('p.', 'page.')} ${direction}, page.id ${direction}`,
      values,
    );
  }

  async find(tx: Tx, id: string): Promise<ListedPerson | null> {
    return tx.maybeOne<ListedPerson>(
      `WITH page AS MATERIALIZED (SELECT p.* FROM person p WHERE p.organisation_id = ${ORGANISATION} AND p.id = $1) SELECT ${FROM_PAGE}`,
      [id],
    );
  }

  /** Who has the address: the one who is not archived, else the one archived last. */
  async findByAddress(tx: Tx, emailCanonical: string): Promise<ListedPerson | null> {
    return tx.maybeOne<ListedPerson>(
      `WITH page AS MATERIALIZED (SELECT p.* FROM person p WHERE p.organisation_id = ${ORGANISATION} AND p.email_canonical = $1
         ORDER BY p.archived_at DESC NULLS FIRST, p.id LIMIT 1) SELECT ${FROM_PAGE}`,
      [emailCanonical],
    );
  }

  /** What somebody is beyond a member; archived people too, who may come back as it. */
  privileges(tx: Tx, id: string): Promise<{ isOperator: boolean; isBreakGlass: boolean }> {
    return tx.one(
      `SELECT EXISTS (SELECT FROM operator o WHERE o.organisation_id = ${ORGANISATION} AND o.person_id = $1 AND o.ended_at IS NULL)
           AS is_operator,
         EXISTS (SELECT FROM break_glass b WHERE b.organisation_id = ${ORGANISATION} AND b.person_id = $1) AS is_break_glass`,
      [id],
    );
  }

  /** Of these, those that are here, with their state and whether an admin's reason keeps them archived. */
  standing(
    tx: Tx,
    ids: readonly string[],
  ): Promise<{ id: string; state: string; byAdmin: boolean; erased: boolean }[]> {
    return tx.query(
      `SELECT id, state, 'admin' = ANY(archive_reasons) AS by_admin, erased_at IS NOT NULL AS erased FROM person
       WHERE organisation_id = ${ORGANISATION} AND id = ANY($1::uuid[])`,
      [ids],
    );
  }

  /** By indexes alone, however many people there are. */
  async counts(tx: Tx): Promise<{ total: number; pending: number; archived: number; admins: number }> {
    await this.withoutReadingTables(tx);
    return tx.one(
      `SELECT (SELECT count(*) FROM person WHERE organisation_id = ${ORGANISATION}) AS total,
         (SELECT count(*) FROM person WHERE organisation_id = ${ORGANISATION} AND state = 'pending') AS pending,
         (SELECT count(*) FROM person WHERE organisation_id = ${ORGANISATION} AND state = 'archived') AS archived,
         (SELECT count(*) FROM person WHERE organisation_id = ${ORGANISATION} AND is_admin AND state = 'active') AS admins`,
    );
  }

  async countReports(tx: Tx, id: string): Promise<number> {
    const row = await tx.one<{ count: number }>(
      `SELECT count(*) AS count FROM person WHERE organisation_id = ${ORGANISATION} AND manager_id = $1 AND state <> 'archived'`,
      [id],
    );
    return row.count;
  }

  formerAddresses(tx: Tx, id: string): Promise<{ email: string; until: Date }[]> {
    return tx.query(
      `SELECT email, until FROM former_address WHERE organisation_id = ${ORGANISATION} AND person_id = $1 ORDER BY until DESC LIMIT 100`,
      [id],
    );
  }

  /** The manager, the manager's manager and so on, up to whoever has none, is met again, or is 100 above. */
  async chainAbove(tx: Tx, managerId: string): Promise<{ id: string; state: string }[]> {
    return tx.query(
      `WITH RECURSIVE above AS (
         SELECT p.id, p.state, p.manager_id, 1 AS height FROM person p
         WHERE p.organisation_id = ${ORGANISATION} AND p.id = $1
         UNION ALL
         SELECT p.id, p.state, p.manager_id, above.height + 1 FROM above
         JOIN person p ON p.organisation_id = ${ORGANISATION} AND p.id = above.manager_id
         WHERE above.height < 100)
       SELECT id, state FROM above ORDER BY height`,
      [managerId],
    );
  }

  async teamExists(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query(`SELECT id FROM team WHERE organisation_id = ${ORGANISATION} AND id = $1`, [id]);
    return rows.length > 0;
  }

  async positionExists(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query(`SELECT id FROM position WHERE organisation_id = ${ORGANISATION} AND id = $1`, [id]);
    return rows.length > 0;
  }

  /**
   * For what touches a good part of an organisation's index entries, such as a count or a search for one letter: where the
   * organisation is a good part of the table the planner would read all of it, the others' rows too.
   */
  private async withoutReadingTables(tx: Tx): Promise<void> {
    await tx.query(`SELECT set_config('enable_seqscan', 'off', true)`);
  }
}

function conditionsOf(filter: PeopleFilter, bind: (value: unknown) => string): string[] {
  const conditions: string[] = [];
  for (const word of filter.words) {
    conditions.push(
      `EXISTS (SELECT 1 FROM person_token w WHERE w.organisation_id = ${ORGANISATION} AND w.person_id = p.id
         AND w.token >= ${bind(word)} AND w.token < ${bind(endOfRange(word))})`,
    );
  }
  for (const address of filter.addresses) {
    conditions.push(`p.email_canonical >= ${bind(address)} AND p.email_canonical < ${bind(endOfRange(address))}`);
  }
  if (filter.state !== null) conditions.push(`p.state = ${bind(filter.state)}`);
  if (filter.origin !== null) conditions.push(`p.origin = ${bind(filter.origin)}`);
  if (filter.teamId !== null) conditions.push(`p.team_id = ${bind(filter.teamId)}::uuid`);
  if (filter.positionId !== null) conditions.push(`p.position_id = ${bind(filter.positionId)}::uuid`);
  if (filter.managerId !== null) conditions.push(`p.manager_id = ${bind(filter.managerId)}::uuid`);
  if (filter.admin !== null) conditions.push(filter.admin ? 'p.is_admin' : 'NOT p.is_admin');
  if (filter.problem !== null) conditions.push(PROBLEMS[filter.problem]);
  return conditions;
}
