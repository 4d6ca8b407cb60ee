import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { makeKey } from '../../src/auth/key-format.js';
import { newId } from '../../src/common/ids.js';

/** What was there before an upgrade, in the words of the first migration. */
export interface OldHouse {
  organisations: { id: string; key: string; run: string; people: string[] }[];
}

export const PEOPLE = 60;
/** Of each plan; every third one takes somebody out, and the last one belongs to no batch. */
const LINES = 20;
const PER_BATCH = 6;

/** As superuser, into a schema that has the first migration and no other: two organisations at work. */
export async function settleOldHouse(keeper: pg.ClientBase): Promise<OldHouse> {
  const organisations: OldHouse['organisations'] = [];
  for (const slug of ['acme', 'globex']) organisations.push(await settle(keeper, slug));
  return { organisations };
}

async function settle(keeper: pg.ClientBase, slug: string): Promise<OldHouse['organisations'][number]> {
  const [id, connection, run] = [newId(), newId(), newId()];
  const people = Array.from({ length: PEOPLE }, newId);
  const { key, lookup, digest } = makeKey(randomBytes);
  await keeper.query('INSERT INTO organisation (id, slug, name) VALUES ($1, $2, $2)', [id, slug]);
  await keeper.query(
    `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, archive_reasons, archived_at)
     SELECT $1, p, CASE WHEN n % 10 = 0 THEN 'archived' ELSE 'active' END, 'directory', n || $3, n || $3, 'Person ' || n,
            CASE WHEN n % 10 = 0 THEN ARRAY['directory'] ELSE ARRAY[]::text[] END, CASE WHEN n % 10 = 0 THEN now() END
       FROM unnest($2::uuid[]) WITH ORDINALITY AS x(p, n)`,
    [id, people, `@${slug}.example`],
  );
  await keeper.query(
    `INSERT INTO api_key (organisation_id, id, name, lookup, digest, scopes, networks, created_by, expires_at)
     VALUES ($1, $2, 'payroll', $3, $4, ARRAY['people:read'], ARRAY[]::text[], '{"kind":"operator"}', now() + interval '90 days')`,
    [id, newId(), lookup, digest],
  );
  await keeper.query(
    `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings) VALUES ($1, $2, 'okta', 'Directory', 1, 'paused', '{}')`,
    [id, connection],
  );
  await keeper.query(
    `INSERT INTO run (organisation_id, id, connection_id, kind, trigger, state, asked_by, finished_at)
     VALUES ($1, $2, $3, 'full', 'manual', 'succeeded', '{"kind":"operator"}', now())`,
    [id, run, connection],
  );
  await keeper.query(
    `INSERT INTO planned_change (organisation_id, run_id, seq, kind, disposition, situation, batch, label, reason, removal)
     SELECT $1, $2, n, 'update', 'apply', 'linked_changed', CASE WHEN n < ${LINES} THEN n / ${PER_BATCH} END, 'somebody', '{}', n % 3 = 0
       FROM generate_series(1, ${LINES}) n`,
    [id, run],
  );
  await keeper.query(
    `INSERT INTO plan_batch (organisation_id, run_id, batch, size, applied_at, applied)
     SELECT $1, $2, n, ${PER_BATCH}, now(), ${PER_BATCH} FROM generate_series(0, ${LINES / PER_BATCH}) n`,
    [id, run],
  );
  await keeper.query(
    `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id)
     SELECT $1, 'person.added', '{"kind":"operator"}', 'person', p FROM unnest($2::uuid[]) p`,
    [id, people],
  );
  return { id, key, run, people };
}

/** What the batches of a plan say once they name their lines. */
export function batchesSettled(): { batch: number; seqs: number[]; leaves: boolean }[] {
  const lines = Array.from({ length: LINES - 1 }, (_, at) => at + 1);
  return Array.from({ length: Math.floor(LINES / PER_BATCH) + 1 }, (_, batch) => {
    const seqs = lines.filter((line) => Math.floor(line / PER_BATCH) === batch);
    return { batch, seqs, leaves: seqs.some((line) => line % 3 === 0) };
  });
}
