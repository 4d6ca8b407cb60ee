import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { ToldEvent } from './events.types.js';

/** Numbers are given out before they are committed; this lock is how a reader knows that no smaller one is on its way. */
const FEED_LOCK = `hashtextextended('rollcall.event_feed:' || current_setting('rollcall.organisation_id'), 0)`;

@Injectable()
export class EventsRepository {
  /** Taken before numbers are given out. Writers share it, so they never wait for each other. */
  async announceWriting(tx: Tx): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock_shared(${FEED_LOCK})::text`);
  }

  /** Waits until everybody who was given numbers has committed or given up. */
  async awaitWriters(tx: Tx): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(${FEED_LOCK})::text`);
  }

  /** @param rows JSON array of id, type, person_id, payload; their order is the order of the feed. */
  async insert(tx: Tx, runId: string | null, rows: string): Promise<void> {
    await tx.execute(
      `INSERT INTO event (organisation_id, id, type, person_id, run_id, payload)
       SELECT (SELECT current_setting('rollcall.organisation_id')::uuid), r.id, r.type, r.person_id, $1::uuid, r.payload
       FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, type text, person_id uuid, payload jsonb)`,
      [runId, rows],
    );
  }

  async seqOf(tx: Tx, id: string): Promise<number | null> {
    const row = await tx.maybeOne<{ seq: number }>(
      `SELECT seq FROM event WHERE organisation_id = (SELECT current_setting('rollcall.organisation_id')::uuid) AND id = $1::uuid`,
      [id],
    );
    return row?.seq ?? null;
  }

  /** Which of these changes were told of already. */
  async known(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      `SELECT k.id FROM unnest($1::uuid[]) AS k(id)
        CROSS JOIN LATERAL (SELECT FROM event e
          WHERE e.organisation_id = (SELECT current_setting('rollcall.organisation_id')::uuid) AND e.id = k.id OFFSET 0) told`,
      [ids],
    );
    return new Set(rows.map((row) => row.id));
  }

  async after(tx: Tx, seq: number, limit: number): Promise<ToldEvent[]> {
    return tx.query<ToldEvent>(
      `SELECT id, at, type, person_id, run_id, payload FROM event
       WHERE organisation_id = (SELECT current_setting('rollcall.organisation_id')::uuid) AND seq > $1
       ORDER BY seq LIMIT $2`,
      [seq, limit],
    );
  }
}
