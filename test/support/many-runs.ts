import { newId } from '../../src/common/ids.js';
import type { Database } from '../../src/database/database.service.js';
import { fillOrganisation, type Filled } from './many-people.js';

export interface FilledRuns extends Filled {
  runId: string;
  holdId: string;
  conflictId: string;
}

/** What years of syncs leave behind, for plans of queries: of each kind as many as there are people. */
export async function fillRuns(database: Database, people: number): Promise<FilledRuns> {
  const filled = await fillOrganisation(database, people);
  const { organisationId, connectionId } = filled;
  const [runId, holdId, conflictId] = [newId(), newId(), newId()];
  await database.asOrganisation(
    organisationId,
    async (tx) => {
      const each = [organisationId, connectionId, people];
      await tx.execute(
        `INSERT INTO run (organisation_id, id, connection_id, kind, trigger, state, asked_by, asked_at)
         SELECT $1, CASE WHEN i = 1 THEN $4::uuid ELSE gen_random_uuid() END, $2, 'full', 'schedule', 'succeeded', '{}',
           now() - i * interval '1 hour' FROM generate_series(1, $3::int) i`,
        [...each, runId],
      );
      await tx.execute(
        `INSERT INTO planned_change (organisation_id, run_id, seq, kind, disposition, situation, external_id, person_id, label,
           reason, removal)
         SELECT $1, $2, row_number() OVER (ORDER BY id), CASE WHEN is_admin THEN 'archive' ELSE 'update' END,
           CASE WHEN is_admin THEN 'hold' ELSE 'apply' END, 'changed', 'x' || substr(last_name, 7), id,
           first_name || ' ' || last_name || ' <' || email || '>', '{"code": "updated", "text": "Changed."}', is_admin
         FROM person`,
        [organisationId, runId],
      );
      await tx.execute(
        `INSERT INTO plan_batch (organisation_id, run_id, batch, size, seqs, leaves, applied_at)
         SELECT $1, $2, 1, count(*), array_agg(seq ORDER BY seq), true, now() FROM planned_change`,
        [organisationId, runId],
      );
      await tx.execute(
        `INSERT INTO hold (organisation_id, id, connection_id, state, cause, opened_at)
         SELECT $1, CASE WHEN i = 1 THEN $4::uuid ELSE gen_random_uuid() END, $2, CASE WHEN i = 1 THEN 'open' ELSE 'closed' END,
           '{"code": "run_limit", "text": "Too many."}', now() - i * interval '1 hour' FROM generate_series(1, $3::int) i`,
        [...each, holdId],
      );
      const held = await tx.query<{ id: string }>('SELECT id FROM hold ORDER BY opened_at DESC LIMIT 500');
      await tx.execute(
        `INSERT INTO hold_member (organisation_id, hold_id, external_id, person_id, kind, state, reason, facts_hash, added_version)
         SELECT organisation_id, CASE WHEN at % 3 = 0 THEN $1::uuid ELSE ($2::uuid[])[2 + at % 499] END, 'x' || substr(last_name, 7), id,
           'archive', CASE WHEN at % 3 = 0 THEN 'waiting' ELSE 'applied' END, '{"code": "left_directory", "text": "Left."}', '\\x01', 1
         FROM (SELECT *, abs(hashtext(last_name)) AS at FROM person) p`,
        [holdId, held.map((hold) => hold.id)],
      );
      await tx.execute(
        `INSERT INTO conflict (organisation_id, id, connection_id, kind, cause, external_id, detail, opened_at, resolved_at, resolution)
         SELECT $1, CASE WHEN i = 1 THEN $4::uuid ELSE gen_random_uuid() END, $2, 'same_address', 'c' || i, 'x' || i, '{"text": "Who?"}',
           now() - i * interval '1 hour', CASE WHEN i % 100 <> 0 THEN now() END, CASE WHEN i % 100 <> 0 THEN 'vanished' END
         FROM generate_series(1, $3::int) i`,
        [...each, conflictId],
      );
      await tx.execute(
        `INSERT INTO override (organisation_id, id, person_id, connection_id, external_id, kind, cause, made_by, made_at, released_at)
         SELECT organisation_id, gen_random_uuid(), id, $1, 'x' || substr(last_name, 7), 'archive', 'rejected', '{}', created_at,
           CASE WHEN abs(hashtext(last_name)) % 100 <> 0 THEN now() END FROM person`,
        [connectionId],
      );
      await tx.execute(
        `INSERT INTO notice (organisation_id, id, kind, cause, connection_id, message, opened_at, mended_at)
         SELECT $1, gen_random_uuid(), 'held', 'n' || i, $2, 'Look.', now() - i * interval '1 hour',
           CASE WHEN i % 100 <> 0 THEN now() END FROM generate_series(1, $3::int) i`,
        each,
      );
      await tx.execute(
        `INSERT INTO staged_record (organisation_id, run_id, external_id, hash, observed_at, email_canonical, employed, in_scope)
         SELECT $1, $2, external_id, observed_hash, now(), email_canonical, true, true FROM directory_record`,
        [organisationId, runId],
      );
      await tx.execute(
        `INSERT INTO staged_evidence (organisation_id, run_id, external_id, verdict, observed_at)
         SELECT $1, $2, external_id, 'deleted', now() FROM directory_record`,
        [organisationId, runId],
      );
    },
    { timeoutMs: 240_000 },
  );
  return { ...filled, runId, holdId, conflictId };
}
