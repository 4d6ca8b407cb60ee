import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { RollcallError } from '../common/errors.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { COLUMN_NAMES } from '../connectors/csv/header.js';
import { STATE_WORDS } from '../connectors/csv/row-values.js';
import { writeCsv, writePeople, type Cell, type PersonCells } from '../connectors/csv/write-csv.js';
import { Database } from '../database/database.service.js';
import type { FileField } from '../sync/file-rows.types.js';
import type { ImportLinesPage, ImportLinesQuery } from './imports.dto.js';
import { ImportsRepository, type LineFilter } from './imports.repository.js';
import type { LineRow } from './imports.types.js';
import { lineView } from './imports.view.js';
import { Previews } from './previews.service.js';

const LINES_AT_ONCE = 1_000;
const MOST_EXAMPLES = 50;

const REPORT = ['line', 'result', 'person', 'column', 'explanation', 'change'];

/** What is shown and downloaded of files of people: their lines, the report, the template. */
@Injectable()
export class ImportFiles {
  constructor(
    private readonly database: Database,
    private readonly imports: ImportsRepository,
    private readonly previews: Previews,
    private readonly audit: AuditService,
  ) {}

  /** @throws {RollcallError} `import.not_found` */
  async lines(organisationId: string, id: string, query: ImportLinesQuery): Promise<ImportLinesPage> {
    const after = decodeCursor(query.cursor, z.number().int().min(0)) ?? 0;
    const rows = await this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const { previewId, runId } = await this.previews.known(tx, id);
        const of = runId ?? previewId;
        if (of === null) return [];
        return this.imports.lines(tx, of, {
          kind: query.kind ?? null,
          disposition: query.disposition ?? null,
          faulty: query.faulty === 'true',
          search: query.search ?? null,
          after,
          limit: query.limit + 1,
        });
      },
      { readOnly: true },
    );
    return toPage(rows, query.limit, lineView, ({ seq }) => seq);
  }

  /**
   * Every row of the file with what became of it, or would. That it was downloaded is recorded before the first line of it
   * leaves.
   *
   * @throws {RollcallError} `import.not_found`, `import.not_ready`
   */
  report(caller: Caller, id: string): Promise<AsyncGenerator<string>> {
    const { organisationId } = caller;
    return this.database.asOrganisation(organisationId, async (tx) => {
      const { runId, previewId, found, unchanged } = await this.previews.known(tx, id);
      const of = runId ?? previewId;
      if (of === null) throw new RollcallError('import.not_ready', 'Nothing of it was looked at yet.');
      await this.audit.record(tx, {
        ...contextOf(caller),
        runId: of,
        action: 'import.downloaded',
        subject: { kind: 'import', id },
        detail: { rows: found.rows ?? 0 },
      });
      return writeCsv(REPORT, this.reportPages(organisationId, of, runId !== null, unchanged));
    });
  }

  /** The columns, with the teams and positions of the organisation as examples. */
  async template(organisationId: string): Promise<AsyncGenerator<string>> {
    const found = await this.database.asOrganisation(organisationId, (tx) => this.imports.examples(tx, MOST_EXAMPLES), {
      readOnly: true,
    });
    const examples = found.length === 0 ? [{ team: '', positions: [] }] : found;
    const manager = 'manager@example.com';
    const people = examples.map(({ team, positions }, at): PersonCells => ({
      email: `person.${at + 1}@example.com`,
      firstName: 'Person',
      lastName: `Number ${at + 1}`,
      state: STATE_WORDS.pending,
      position: positions[at % Math.max(1, positions.length)] ?? '',
      team,
      manager,
      admin: 'no',
    }));
    const first: PersonCells = {
      email: manager,
      firstName: 'A',
      lastName: 'Manager',
      state: STATE_WORDS.pending,
      admin: 'no',
    };
    return writePeople([[first, ...people]]);
  }

  private async *reportPages(
    organisationId: string,
    runId: string,
    wasApplied: boolean,
    unchanged: readonly number[],
  ): AsyncGenerator<Cell[][]> {
    let stretch = 0;
    const stretchesBefore = (line: number): Cell[][] => {
      const told: Cell[][] = [];
      for (; stretch < unchanged.length && (unchanged[stretch] ?? 0) < line; stretch += 2) {
        const [first = 0, last = 0] = unchanged.slice(stretch, stretch + 2);
        told.push([first === last ? first : `${first}–${last}`, 'unchanged', null, null, null, null]);
      }
      return told;
    };
    const filter: LineFilter = {
      kind: null,
      disposition: null,
      faulty: false,
      search: null,
      after: 0,
      limit: LINES_AT_ONCE,
    };
    for (;;) {
      const rows = await this.database.asOrganisation(organisationId, (tx) => this.imports.lines(tx, runId, filter), {
        readOnly: true,
      });
      yield rows.flatMap((row) => {
        const { line } = lineView(row);
        return [...(line === null ? [] : stretchesBefore(line)), reported(row, wasApplied)];
      });
      filter.after = rows.at(-1)?.seq ?? filter.after;
      if (rows.length < LINES_AT_ONCE) break;
    }
    yield stretchesBefore(Infinity);
  }
}

function reported(row: LineRow, wasApplied: boolean): Cell[] {
  const { line, faulty, field, label, because, notes, kept, before, after, result } = lineView(row);
  const done =
    row.disposition !== 'apply' ? 'left as is' : wasApplied ? (result ?? 'not applied') : `would ${row.kind}`;
  const column = field === null ? null : (COLUMN_NAMES[field as FileField] ?? field);
  const more = [
    notes.length > 0 ? `notes: ${notes.join(', ')}` : '',
    kept.length > 0 ? `kept by the directory: ${kept.join(', ')}` : '',
  ].filter((text) => text !== '');
  const change = after === null ? null : JSON.stringify({ before, after });
  return [
    line,
    faulty ? 'faulty' : wasApplied && done === 'applied' ? `${row.kind}: applied` : done,
    label,
    column,
    [because, ...more].join(' '),
    change,
  ];
}
