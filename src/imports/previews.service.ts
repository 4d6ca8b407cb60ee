import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/auth.types.js';
import { RollcallError } from '../common/errors.js';
import type { Tx } from '../database/tx.js';
import { RunsService } from '../runs/runs.service.js';
import type { RunRow } from '../runs/runs.types.js';
import { ImportsRepository } from './imports.repository.js';
import { DEFAULT_OPTIONS, type ImportOptions, type ImportRow, type RunsOfImport } from './imports.types.js';

/** Asks for the look at a file, and for a new one where it is to be taken otherwise. */
@Injectable()
export class Previews {
  constructor(
    private readonly imports: ImportsRepository,
    private readonly runs: RunsService,
  ) {}

  defaults(caller: Caller): ImportOptions {
    return { ...DEFAULT_OPTIONS, mayMakeAdmins: mayMakeAdmins(caller) };
  }

  /** @throws {RollcallError} `import.not_found` */
  async known(tx: Tx, id: string): Promise<ImportRow> {
    const row = await this.imports.find(tx, id);
    if (row === null) throw new RollcallError('import.not_found', 'There is no such import.');
    return row;
  }

  /** Tells the newest preview of each of these, and what was applied, as far as the runs are still kept. */
  async runsOf(tx: Tx, organisationId: string, rows: readonly ImportRow[]): Promise<(row: ImportRow) => RunsOfImport> {
    const ids = rows.flatMap(({ previewId, runId }) => [previewId, runId].filter((id) => id !== null));
    const kept = await this.runs.kept(tx, organisationId, ids);
    const find = (id: string | null): RunRow | null => (id === null ? null : (kept.get(id) ?? null));
    return ({ previewId, runId }) => ({ preview: find(previewId), run: find(runId) });
  }

  /** @throws {RollcallError} `import.not_found` */
  async withRuns(tx: Tx, organisationId: string, id: string): Promise<RunsOfImport & { row: ImportRow }> {
    const row = await this.known(tx, id);
    const of = await this.runsOf(tx, organisationId, [row]);
    return { row, ...of(row) };
  }

  /** @throws {RollcallError} `import.file_lost`, `import.under_way`, `import.not_ready` once it was confirmed */
  async ask(tx: Tx, caller: Caller, id: string, change: Partial<ImportOptions>): Promise<void> {
    const row = await this.known(tx, id);
    if (row.runId !== null)
      throw new RollcallError('import.not_ready', 'It was confirmed already; upload the file anew.');
    if (row.state === 'gone') throw fileLost();
    const options = { ...DEFAULT_OPTIONS, ...row.options, ...change, mayMakeAdmins: mayMakeAdmins(caller) };
    const run = await asked(() => this.runs.askForFile(tx, caller, { importId: id }));
    await this.imports.setPreview(tx, id, run.id, options);
  }
}

function mayMakeAdmins(caller: Caller): boolean {
  return caller.scopes.has('people:admin');
}

/** What waits on the place of files is another file. */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RollcallError) || error.code !== 'run.other_waiting') throw error;
    throw new RollcallError('import.under_way', 'Another file of people waits to be looked at or applied.');
  }
}

export function fileLost(): RollcallError {
  return new RollcallError('import.file_lost', 'The file is not kept any more; upload it again.');
}
