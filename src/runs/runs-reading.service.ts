import { Readable } from 'node:stream';
import { Injectable, StreamableFile } from '@nestjs/common';
import { exhaustMap, from, interval, map, startWith, takeWhile } from 'rxjs';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller, CallingSetUp } from '../auth/auth.types.js';
import { RollcallError } from '../common/errors.js';
import { eventStream, type StreamedEvent } from '../common/event-stream.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { writeCsv, type Cell } from '../connectors/csv/write-csv.js';
import { Database } from '../database/database.service.js';
import { PlanRepository } from './plan.repository.js';
import type { PlannedRow } from './plan.types.js';
import type { ChangesPage, ChangesQuery, RunsPage, RunsQuery, RunView } from './runs.dto.js';
import { RunsRepository } from './runs.repository.js';
import { FINAL_STATES, type RunRow } from './runs.types.js';
import { changeView, runView } from './runs.view.js';

/** How often the progress of a run is looked at for whoever watches it. */
const WATCH_EVERY_MS = 500;

const DOWNLOADED_AT_ONCE = 1_000;

const RunPosition = z.tuple([z.iso.datetime(), z.uuid()]);
const ChangePosition = z.number().int().min(0);

/** Answers about runs: lists, plans, progress, downloads. */
@Injectable()
export class RunsReading {
  constructor(
    private readonly database: Database,
    private readonly runs: RunsRepository,
    private readonly plans: PlanRepository,
    private readonly audit: AuditService,
  ) {}

  /** Whoever came by a set-up link sees the runs that they asked for. */
  list(organisationId: string, query: RunsQuery, setUp: CallingSetUp | null = null): Promise<RunsPage> {
    const position = decodeCursor(query.cursor, RunPosition);
    const after = position === null ? null : { askedAt: new Date(position[0]), id: position[1] };
    const only = setUp?.objects ?? null;
    const filter = { connectionId: query.connectionId ?? null, only, after, limit: query.limit + 1 };
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const rows = await this.runs.list(tx, organisationId, filter);
        return toPage(rows, query.limit, runView, (row) => [row.askedAt.toISOString(), row.id]);
      },
      { readOnly: true },
    );
  }

  async show(organisationId: string, runId: string): Promise<RunView> {
    return runView(await this.find(organisationId, runId));
  }

  /** The lines of a run's plan; `applied` shows those that were committed alone. */
  changes(organisationId: string, runId: string, query: ChangesQuery, applied: boolean): Promise<ChangesPage> {
    const after = decodeCursor(query.cursor, ChangePosition) ?? 0;
    const { kind = null, disposition = null, search = null, limit } = query;
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        this.known(await this.runs.find(tx, organisationId, runId));
        const rows = await this.plans.list(tx, organisationId, runId, {
          kind,
          disposition,
          search,
          applied,
          after,
          limit: limit + 1,
        });
        return toPage(rows, limit, changeView, (row) => row.seq);
      },
      { readOnly: true },
    );
  }

  /** The run, again and again as it moves, until it is over. */
  async watch(organisationId: string, runId: string): Promise<StreamableFile> {
    await this.find(organisationId, runId);
    let last = '';
    const events = interval(WATCH_EVERY_MS).pipe(
      startWith(0),
      exhaustMap(() => from(this.show(organisationId, runId))),
      takeWhile((run) => !FINAL_STATES.some((state) => state === run.state), true),
      map((run): StreamedEvent => {
        const text = JSON.stringify(run);
        const moved = text !== last;
        last = text;
        return moved ? { type: 'run', data: run } : { type: 'still', data: { id: run.id } };
      }),
    );
    return eventStream(events);
  }

  /** Every line of the plan as a file, streamed. */
  async download(caller: Caller, runId: string, format: 'csv' | 'json'): Promise<StreamableFile> {
    const { organisationId } = caller;
    await this.database.asOrganisation(organisationId, async (tx) => {
      this.known(await this.runs.find(tx, organisationId, runId));
      await this.audit.record(tx, {
        ...contextOf(caller),
        runId,
        action: 'run.downloaded',
        subject: { kind: 'run', id: runId },
        detail: { format },
      });
    });
    const pages = this.everyLine(organisationId, runId);
    const [text, type] =
      format === 'json'
        ? [asJson(pages), 'application/json']
        : [writeCsv(CSV_COLUMNS, csvPages(pages)), 'text/csv; charset=utf-8'];
    const disposition = `attachment; filename="run-${runId}.${format}"`;
    return new StreamableFile(Readable.from(text), { type, disposition });
  }

  private async *everyLine(organisationId: string, runId: string): AsyncGenerator<PlannedRow[]> {
    for (let after = 0; ;) {
      const at = after;
      const filter = {
        kind: null,
        disposition: null,
        search: null,
        applied: false,
        after: at,
        limit: DOWNLOADED_AT_ONCE,
      };
      const rows = await this.database.asOrganisation(
        organisationId,
        (tx) => this.plans.list(tx, organisationId, runId, filter),
        { readOnly: true },
      );
      yield rows;
      if (rows.length < DOWNLOADED_AT_ONCE) return;
      after = rows.at(-1)?.seq ?? after;
    }
  }

  private async find(organisationId: string, runId: string): Promise<RunRow> {
    return this.known(
      await this.database.asOrganisation(organisationId, (tx) => this.runs.find(tx, organisationId, runId), {
        readOnly: true,
      }),
    );
  }

  private known(run: RunRow | null): RunRow {
    if (run === null) throw new RollcallError('run.not_found', 'There is no such run.');
    return run;
  }
}

const CSV_COLUMNS = [
  'seq',
  'kind',
  'disposition',
  'person',
  'external_id',
  'person_id',
  'reason',
  'before',
  'after',
  'result',
];

async function* csvPages(pages: AsyncIterable<PlannedRow[]>): AsyncGenerator<Cell[][]> {
  for await (const rows of pages) yield rows.map(cellsOf);
}

function cellsOf(row: PlannedRow): Cell[] {
  const { seq, kind, disposition, label, externalId, personId, reason, before, after, result } = changeView(row);
  const json = (fields: typeof after): string | null => (fields === null ? null : JSON.stringify(fields));
  return [seq, kind, disposition, label, externalId, personId, reason.text, json(before), json(after), result];
}

async function* asJson(pages: AsyncIterable<PlannedRow[]>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const rows of pages)
    for (const row of rows) {
      yield `${separator}${JSON.stringify(changeView(row))}`;
      separator = ',\n';
    }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
