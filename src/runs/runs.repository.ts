import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import {
  NEXT_STATES,
  type AskedBy,
  type ConnectionRow,
  type Counts,
  type Phase,
  type Progress,
  type RunKind,
  type RunRow,
  type RunState,
  type Trigger,
} from './runs.types.js';

const RUN_COLUMNS = `organisation_id, id, connection_id, kind, trigger, state, phase, fence, asked_by, asked_at, started_at,
  read_started_at, finished_at, cancel_asked_at, settings_version, settings, subjects, undo_of, confirms, next_cursor,
  progress, counts, coverage, plan_hash, planned_at, hold_id, attempts, error_code, error_message`;

const CONNECTION_COLUMNS = `id, provider, name, rank, state, settings_version, confirmed_version, tenant, fingerprint,
  attention, unconfirmed_since, cursor, next_run_at, last_full_at, failures, failing_since, settings,
  coalesce((settings->'schedule'->>'intervalMinutes')::float8, 60) * 60000 AS interval_ms`;

export interface NewRun {
  id: string;
  connectionId: string;
  kind: RunKind;
  trigger: Trigger;
  askedBy: AskedBy;
  askedAt: Date;
  settings: unknown;
  subjects: string[];
  undoOf: string | null;
  confirms: string | null;
}

export interface RunFilter {
  connectionId: string | null;
  /** Of these alone; left out or null: of all. */
  only?: readonly string[] | null;
  /** The run that the page before ended with. */
  after: { askedAt: Date; id: string } | null;
  limit: number;
}

@Injectable()
export class RunsRepository {
  /** The new run, or null when one of this connection waits already. */
  insertQueued(tx: Tx, organisationId: string, run: NewRun): Promise<RunRow | null> {
    return tx.maybeOne<RunRow>(
      `INSERT INTO run (organisation_id, id, connection_id, kind, trigger, state, asked_by, asked_at, settings, subjects,
         undo_of, confirms)
       SELECT $1, $2, c.id, $4, $5, 'queued', $6::jsonb, $7, $8::jsonb, $9::text[], $10, $11
         FROM connection c WHERE c.organisation_id = $1 AND c.id = $3
       ON CONFLICT (organisation_id, connection_id) WHERE state = 'queued' DO NOTHING
       RETURNING ${RUN_COLUMNS}`,
      [
        organisationId,
        run.id,
        run.connectionId,
        run.kind,
        run.trigger,
        JSON.stringify(run.askedBy),
        run.askedAt,
        run.settings === null ? null : JSON.stringify(run.settings),
        run.subjects,
        run.undoOf,
        run.confirms,
      ],
    );
  }

  /** The run that waits behind the running one. Locked, so that nobody starts it while it is being looked at. */
  findQueued(tx: Tx, organisationId: string, connectionId: string): Promise<RunRow | null> {
    return tx.maybeOne<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM run
        WHERE organisation_id = $1 AND connection_id = $2 AND state = 'queued' FOR UPDATE`,
      [organisationId, connectionId],
    );
  }

  /** A waiting run takes up what was asked on top of it: more people to read, or everybody. */
  async widenQueued(tx: Tx, organisationId: string, runId: string, kind: RunKind, subjects: string[]): Promise<void> {
    await tx.execute(
      `UPDATE run SET kind = $3, subjects = $4::text[] WHERE organisation_id = $1 AND id = $2 AND state = 'queued'`,
      [organisationId, runId, kind, subjects],
    );
  }

  /** A waiting resync becomes the run of a confirmed preview. */
  async confirmQueued(
    tx: Tx,
    organisationId: string,
    runId: string,
    confirms: string,
    settings: unknown,
  ): Promise<void> {
    await tx.execute(
      `UPDATE run SET kind = 'full', subjects = '{}', confirms = $3, settings = $4::jsonb
        WHERE organisation_id = $1 AND id = $2 AND state = 'queued'`,
      [organisationId, runId, confirms, settings === null ? null : JSON.stringify(settings)],
    );
  }

  /** A waiting run makes room for another, and says why. */
  async giveWay(tx: Tx, organisationId: string, runId: string, why: string, at: Date): Promise<void> {
    await tx.execute(
      `UPDATE run SET state = 'cancelled', cancel_asked_at = $4, finished_at = $4, error_code = 'run.gave_way', error_message = $3
        WHERE organisation_id = $1 AND id = $2 AND state = 'queued'`,
      [organisationId, runId, why, at],
    );
  }

  find(tx: Tx, organisationId: string, runId: string): Promise<RunRow | null> {
    return tx.maybeOne<RunRow>(`SELECT ${RUN_COLUMNS} FROM run WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      runId,
    ]);
  }

  findAll(tx: Tx, organisationId: string, runIds: readonly string[]): Promise<RunRow[]> {
    return tx.query<RunRow>(`SELECT ${RUN_COLUMNS} FROM run WHERE organisation_id = $1 AND id = ANY($2::uuid[])`, [
      organisationId,
      runIds,
    ]);
  }

  /** The run that somebody is at, or was when they died. */
  findActive(tx: Tx, organisationId: string, connectionId: string): Promise<RunRow | null> {
    return tx.maybeOne<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM run
        WHERE organisation_id = $1 AND connection_id = $2 AND state IN ('reading', 'planning', 'applying')`,
      [organisationId, connectionId],
    );
  }

  list(tx: Tx, organisationId: string, filter: RunFilter): Promise<RunRow[]> {
    return tx.query<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM run
        WHERE organisation_id = $1 AND ($2::uuid IS NULL OR connection_id = $2)
          AND ($3::timestamptz IS NULL OR (asked_at, id) < ($3, $4::uuid)) AND ($6::uuid[] IS NULL OR id = ANY ($6))
        ORDER BY asked_at DESC, id DESC LIMIT $5`,
      [
        organisationId,
        filter.connectionId,
        filter.after?.askedAt ?? null,
        filter.after?.id ?? null,
        filter.limit,
        filter.only ?? null,
      ],
    );
  }

  /** The newest plan of a kind that waits to be confirmed. */
  async newestReady(tx: Tx, organisationId: string, connectionId: string, kind: RunKind): Promise<string | null> {
    const row = await tx.maybeOne<{ id: string }>(
      `SELECT id FROM run WHERE organisation_id = $1 AND connection_id = $2 AND state = 'ready' AND kind = $3
        ORDER BY asked_at DESC, id DESC LIMIT 1`,
      [organisationId, connectionId, kind],
    );
    return row?.id ?? null;
  }

  findConnection(tx: Tx, organisationId: string, connectionId: string): Promise<ConnectionRow | null> {
    return tx.maybeOne<ConnectionRow>(
      `SELECT ${CONNECTION_COLUMNS} FROM connection WHERE organisation_id = $1 AND id = $2`,
      [organisationId, connectionId],
    );
  }

  /** Moves a run on; false when it is not in `from` under this fence any more, because somebody else was faster. */
  async transition(
    tx: Tx,
    run: { organisationId: string; runId: string; fence: number },
    from: RunState,
    to: RunState,
    phase: Phase | null,
  ): Promise<boolean> {
    if (!NEXT_STATES[from].includes(to)) throw new TypeError(`a run cannot go from ${from} to ${to}`);
    const moved = await tx.execute(
      `UPDATE run SET state = $5, phase = coalesce($6, phase)
        WHERE organisation_id = $1 AND id = $2 AND fence = $3 AND state = $4`,
      [run.organisationId, run.runId, run.fence, from, to, phase],
    );
    return moved === 1;
  }

  /** The run begins, or begins anew, under this fence. What was read under other settings is not gone on with. */
  async start(tx: Tx, run: RunRow, fence: number, kind: RunKind, settingsVersion: number, now: Date): Promise<boolean> {
    const started = await tx.execute(
      `UPDATE run SET state = 'reading', phase = 'probe', fence = $4, kind = $5, settings_version = $6, started_at = coalesce(started_at, $7),
         read_started_at = CASE WHEN settings_version IS NOT DISTINCT FROM $6 THEN read_started_at END,
         attempts = attempts + 1
        WHERE organisation_id = $1 AND id = $2 AND state = $3`,
      [run.organisationId, run.id, run.state, fence, kind, settingsVersion, now],
    );
    return started === 1;
  }

  /** A run that somebody left behind goes on under a new fence, in the state that it is in. */
  async takeOver(tx: Tx, run: RunRow, fence: number): Promise<boolean> {
    const taken = await tx.execute(
      `UPDATE run SET fence = $4, attempts = attempts + 1 WHERE organisation_id = $1 AND id = $2 AND state = $3`,
      [run.organisationId, run.id, run.state, fence],
    );
    return taken === 1;
  }

  /** The plan waits to be confirmed. */
  async becomePreview(tx: Tx, organisationId: string, runId: string): Promise<void> {
    await tx.execute(`UPDATE run SET kind = 'preview' WHERE organisation_id = $1 AND id = $2`, [organisationId, runId]);
  }

  /** A delta that cannot be trusted, or that names too many. */
  async becomeFull(tx: Tx, organisationId: string, runId: string): Promise<void> {
    await tx.execute(`UPDATE run SET kind = 'full' WHERE organisation_id = $1 AND id = $2`, [organisationId, runId]);
  }

  async identity(
    tx: Tx,
    organisationId: string,
    connectionId: string,
  ): Promise<{ tenant: string | null; fingerprint: string | null }> {
    return tx.one(`SELECT tenant, fingerprint FROM connection WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      connectionId,
    ]);
  }

  async setReadStarted(
    tx: Tx,
    organisationId: string,
    runId: string,
    at: Date,
    cursor: { delta: string | null } | null,
  ): Promise<void> {
    await tx.execute(
      `UPDATE run SET read_started_at = $3, next_cursor = $4::jsonb, coverage = NULL, planned_at = NULL, plan_hash = NULL, progress = '{}'
        WHERE organisation_id = $1 AND id = $2`,
      [organisationId, runId, at, cursor === null ? null : JSON.stringify(cursor)],
    );
  }

  async setCoverage(tx: Tx, organisationId: string, runId: string, coverage: 'complete' | 'partial'): Promise<void> {
    await tx.execute(`UPDATE run SET coverage = $3 WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      runId,
      coverage,
    ]);
  }

  async setNextCursor(
    tx: Tx,
    organisationId: string,
    runId: string,
    cursor: { delta: string | null } | null,
  ): Promise<void> {
    await tx.execute(`UPDATE run SET next_cursor = $3::jsonb WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      runId,
      cursor === null ? null : JSON.stringify(cursor),
    ]);
  }

  async setPlanned(tx: Tx, organisationId: string, runId: string, hash: Buffer, at: Date): Promise<void> {
    await tx.execute(`UPDATE run SET plan_hash = $3, planned_at = $4 WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      runId,
      hash,
      at,
    ]);
  }

  async setPhase(tx: Tx, organisationId: string, runId: string, phase: Phase, progress: Progress = {}): Promise<void> {
    await tx.execute(
      `UPDATE run SET phase = $3, progress = progress || $4::jsonb WHERE organisation_id = $1 AND id = $2`,
      [organisationId, runId, phase, JSON.stringify(progress)],
    );
  }

  async setProgress(tx: Tx, organisationId: string, runId: string, progress: Progress): Promise<void> {
    await tx.execute(`UPDATE run SET progress = progress || $3::jsonb WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      runId,
      JSON.stringify(progress),
    ]);
  }

  /** The same where several say at once how far the run is: nothing goes back. */
  async advance(tx: Tx, organisationId: string, runId: string, progress: Progress): Promise<void> {
    await tx.execute(
      `UPDATE run SET progress = progress || coalesce((
         SELECT jsonb_object_agg(key, greatest(value::int, (run.progress->>key)::int)) FROM jsonb_each_text($3::jsonb)), '{}')
        WHERE organisation_id = $1 AND id = $2`,
      [organisationId, runId, JSON.stringify(progress)],
    );
  }

  /** Counts changes as applied, in the transaction that applied them. */
  async addApplied(tx: Tx, organisationId: string, runId: string, changes: number): Promise<void> {
    await tx.execute(
      `UPDATE run SET progress = progress || jsonb_build_object('applied', coalesce((progress->>'applied')::int, 0) + $3::int)
        WHERE organisation_id = $1 AND id = $2`,
      [organisationId, runId, changes],
    );
  }

  async setHold(tx: Tx, organisationId: string, runId: string, holdId: string | null): Promise<void> {
    await tx.execute(`UPDATE run SET hold_id = $3 WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      runId,
      holdId,
    ]);
  }

  /** Ends a run; the counts are those of what was committed. False when it had ended already. */
  async end(
    tx: Tx,
    run: { organisationId: string; runId: string; fence: number },
    end: { state: RunState; counts: Partial<Counts>; code: string | null; message: string | null; at: Date },
  ): Promise<boolean> {
    const ended = await tx.execute(
      `UPDATE run SET state = $4, phase = NULL, finished_at = $5, counts = $6::jsonb, error_code = $7, error_message = $8
        WHERE organisation_id = $1 AND id = $2 AND fence = $3 AND state IN ('reading', 'planning', 'applying')`,
      [run.organisationId, run.runId, run.fence, end.state, end.at, JSON.stringify(end.counts), end.code, end.message],
    );
    return ended === 1;
  }

  /** Asks a run to stop; one that only waits ends at once. Null when there is none that could. */
  cancel(tx: Tx, organisationId: string, runId: string, at: Date): Promise<RunRow | null> {
    return tx.maybeOne<RunRow>(
      `UPDATE run SET cancel_asked_at = coalesce(cancel_asked_at, $3),
         finished_at = CASE WHEN state = 'queued' THEN $3 ELSE finished_at END,
         state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
        WHERE organisation_id = $1 AND id = $2 AND state IN ('queued', 'reading', 'planning', 'applying')
        RETURNING ${RUN_COLUMNS}`,
      [organisationId, runId, at],
    );
  }
}
