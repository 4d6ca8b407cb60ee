import { newId } from '../../src/common/ids.js';
import type { Database } from '../../src/database/database.service.js';
import { insertOrganisation } from './database.js';
import { insertConnection } from './people.js';

export interface Filled {
  organisationId: string;
  connectionId: string;
  teamId: string;
  positionId: string;
  managerId: string;
  /** Ids of some people. */
  some: string[];
}

const GIVEN = 'Ana Bo Cy Dee Eli Fay Gus Hal Ida Joe Kim Lou Mia Ned Ola Pia Ray Sue Ted Una'.split(' ');

/** An organisation of so many people, made by statements of its own: for plans of queries, not for rules. */
export async function fillOrganisation(database: Database, people: number): Promise<Filled> {
  const organisationId = await insertOrganisation(database);
  const connectionId = await insertConnection(database, organisationId);
  const [frameworkId, teamId, positionId] = [newId(), newId(), newId()];
  const options = { timeoutMs: 240_000 };
  const some = await database.asOrganisation(
    organisationId,
    async (tx) => {
      const given = [organisationId, people, GIVEN];
      await tx.execute(`INSERT INTO framework (organisation_id, id, name, folded) VALUES ($1, $2, 'F', 'f')`, [
        organisationId,
        frameworkId,
      ]);
      await tx.execute(
        `INSERT INTO team (organisation_id, id, framework_id, name, folded)
         SELECT $1, CASE WHEN i = 1 THEN $2::uuid ELSE gen_random_uuid() END, $3, 'T' || i, 't' || i FROM generate_series(1, 40) i`,
        [organisationId, teamId, frameworkId],
      );
      await tx.execute(
        `INSERT INTO position (organisation_id, id, framework_id, name, folded, rank) VALUES ($1, $2, $3, 'P', 'p', 1)`,
        [organisationId, positionId, frameworkId],
      );
      await tx.execute(
        `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, first_name, last_name, sort_name, is_admin, team_id,
           position_id, archive_reasons, archived_at, created_at)
         SELECT $1, gen_random_uuid(), s.state, CASE WHEN i % 50 = 0 THEN 'manual' ELSE 'directory' END, n.email, n.email, n.first, n.last,
           lower(n.last || ' ' || n.first), i % 5000 = 0, t.id, CASE WHEN i % 7 = 0 THEN $4::uuid END,
           CASE WHEN s.state = 'archived' THEN ARRAY['directory'] ELSE '{}' END, CASE WHEN s.state = 'archived' THEN now() END,
           timestamptz '2026-01-01' + i * interval '1 minute'
         FROM generate_series(1, $2::integer) i,
           LATERAL (SELECT CASE WHEN i % 20 = 0 THEN 'archived' WHEN i % 33 = 0 THEN 'pending' ELSE 'active' END AS state) s,
           LATERAL (SELECT ($3::text[])[1 + i % 20] AS first, 'Family' || i AS last,
             lower(($3::text[])[1 + i % 20]) || '.family' || i || '@example.com' AS email) n,
           LATERAL (SELECT id FROM team WHERE organisation_id = $1 AND folded = 't' || (1 + i % 40)) t`,
        [...given, positionId],
      );
      await tx.execute(
        `INSERT INTO person_token (organisation_id, token, person_id)
         SELECT organisation_id, word, id FROM person, unnest(ARRAY[lower(first_name), lower(last_name), email_canonical]) AS word`,
      );
      await tx.execute(
        `UPDATE person p SET manager_id = m.id
         FROM (SELECT row_number() OVER (ORDER BY id) AS n, id FROM person WHERE is_admin) m
         WHERE NOT p.is_admin AND m.n = 1 + abs(hashtext(p.last_name)) % $1 AND p.state <> 'pending'`,
        [Math.max(1, Math.floor(people / 5000))],
      );
      await tx.execute(
        `INSERT INTO directory_record (organisation_id, connection_id, external_id, person_id, observed_hash, observed_at, settled_hash,
           email_canonical, employed, in_scope, unmatched_title)
         SELECT organisation_id, $1, 'x' || substr(last_name, 7), id, '\\x01', now(), '\\x01', email_canonical, true, true,
           CASE WHEN abs(hashtext(last_name)) % 200 = 0 THEN 'Wizard ' || abs(hashtext(last_name)) % 1000 END
         FROM person WHERE origin = 'directory'`,
        [connectionId],
      );
      await tx.execute(
        `INSERT INTO event (organisation_id, id, type, person_id, payload)
         SELECT organisation_id, gen_random_uuid(), 'person.added', id, '{"kind": "add"}' FROM person`,
      );
      await tx.execute(
        `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id)
         SELECT organisation_id, 'person.added', '{"kind": "operator"}', 'person', id::text FROM person`,
      );
      const runId = newId();
      await tx.execute(
        `INSERT INTO run (organisation_id, id, connection_id, kind, trigger, state, asked_by) VALUES ($1, $2, $3, 'full', 'setup', 'succeeded', '{}')`,
        [organisationId, runId, connectionId],
      );
      await tx.execute(
        `INSERT INTO planned_change (organisation_id, run_id, seq, kind, disposition, situation, external_id, person_id, label, reason)
         SELECT organisation_id, $1, row_number() OVER (), 'add', 'apply', 'newcomer', 'x' || substr(last_name, 7),
           CASE WHEN is_protected THEN NULL ELSE id END, email, '{"code": "added", "text": "New in the directory."}'
         FROM person`,
        [runId],
      );
      await tx.execute(
        `INSERT INTO former_address (organisation_id, id, person_id, email)
         SELECT organisation_id, gen_random_uuid(), id, 'was.' || email FROM person WHERE abs(hashtext(last_name)) % 10 = 0`,
      );
      return tx.query<{ id: string; managerId: string }>(
        'SELECT id, manager_id FROM person WHERE manager_id IS NOT NULL LIMIT 500',
      );
    },
    options,
  );
  return {
    organisationId,
    connectionId,
    teamId,
    positionId,
    managerId: some[0]?.managerId ?? '',
    some: some.map((one) => one.id),
  };
}
