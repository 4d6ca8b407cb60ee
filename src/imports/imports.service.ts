import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Invitations } from '../invitations/invitations.service.js';
import { FilePlans } from '../runs/file-plans.service.js';
import { RunsService } from '../runs/runs.service.js';
import type { RunRow } from '../runs/runs.types.js';
import type { ConfirmImport, ImportsPage, ImportView, UpdateImport } from './imports.dto.js';
import { ImportsRepository } from './imports.repository.js';
import { NOTHING_FOUND, type ImportRow, type RunsOfImport } from './imports.types.js';
import { importView, type Seen } from './imports.view.js';
import { asked, fileLost, Previews } from './previews.service.js';
import { abandonedBefore } from './uploads.service.js';

const Position = z.tuple([z.iso.datetime(), z.uuid()]);

/** Files of people after they were uploaded: look, choose, confirm, discard, take back. */
@Injectable()
export class Imports {
  constructor(
    private readonly database: Database,
    private readonly imports: ImportsRepository,
    private readonly previews: Previews,
    private readonly runs: RunsService,
    private readonly plans: FilePlans,
    private readonly audit: AuditService,
    private readonly invites: Invitations,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'imports'>,
  ) {}

  async list(organisationId: string, page: { limit: number; cursor?: string | undefined }): Promise<ImportsPage> {
    const after = decodeCursor(page.cursor, Position);
    const seen = await this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const rows = await this.imports.list(tx, after, page.limit + 1);
        const of = await this.previews.runsOf(tx, organisationId, rows);
        return rows.map((row): Seen => ({ row, ...of(row), archivesToConfirm: null, invitations: null }));
      },
      { readOnly: true },
    );
    return toPage(seen, page.limit, importView, ({ row }) => [instant(row.createdAt), row.id]);
  }

  /** @throws {RollcallError} `import.not_found` */
  show(organisationId: string, id: string): Promise<ImportView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const found = await this.previews.withRuns(tx, organisationId, id);
      return importView({
        ...found,
        archivesToConfirm: await this.archivesToConfirm(tx, organisationId, found),
        invitations: await this.invitations(tx, found.row, found.run),
      });
    });
  }

  /** Another look, with other choices. */
  async change(caller: Caller, id: string, change: UpdateImport): Promise<ImportView> {
    await this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.imports.lock(tx);
      const { row, preview } = await this.previews.withRuns(tx, caller.organisationId, id);
      if (row.runId === null && row.state !== 'gone' && preview?.finishedAt === null)
        await this.runs.cancelIn(tx, caller, preview.id);
      const chosen = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      await this.previews.ask(tx, caller, id, chosen);
    });
    return this.show(caller.organisationId, id);
  }

  /**
   * What was looked at is applied: the hash says that it is that.
   *
   * @throws {RollcallError} `import.not_ready`, `import.outdated`, `import.faulty_rows`, `import.removals_unconfirmed`, `import.file_lost`, `request.forbidden`
   */
  async confirm(caller: Caller, id: string, { planHash, archives }: ConfirmImport): Promise<ImportView> {
    await this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.imports.lock(tx);
      const { row, preview, run } = await this.previews.withRuns(tx, caller.organisationId, id);
      if (row.runId !== null || preview?.state !== 'ready')
        throw new RollcallError('import.not_ready', 'Only an import whose preview is ready can be confirmed.');
      if (row.state === 'gone' || row.fileUntil <= this.clock.now()) throw fileLost();
      if (preview.planHash?.toString('hex') !== planHash)
        throw new RollcallError('import.outdated', 'This is not the newest preview; look at that one.');
      const found = { ...NOTHING_FOUND, ...row.found };
      if (found.faulty > 0 && !row.options.leaveOutFaulty)
        throw new RollcallError(
          'import.faulty_rows',
          `${found.faulty} rows have faults; mend them and upload the file again, or choose to leave them out.`,
          { faulty: found.faulty },
        );
      if (found.admins > 0 && !caller.scopes.has('people:admin'))
        throw new RollcallError('request.forbidden', 'Rows of it change who is an admin; only those who may make admins can confirm it.', { scope: 'people:admin' }); // prettier-ignore
      const shown = await this.archivesToConfirm(tx, caller.organisationId, { preview, run });
      if (shown !== null && archives !== shown)
        throw new RollcallError(
          'import.removals_unconfirmed',
          `The file archives ${shown} people, more than a run may by itself; confirm that number.`,
          { archives: shown },
        );
      const settings = { importId: id, ...(shown === null ? {} : { archives: shown }) };
      const confirmed = await asked(() => this.runs.askForFile(tx, caller, settings, preview.id));
      await this.imports.setConfirmed(tx, id, confirmed.id, this.clock.now());
      await this.audit.record(tx, {
        ...contextOf(caller),
        runId: confirmed.id,
        action: 'import.confirmed',
        subject: { kind: 'import', id },
        detail: { archives: preview.counts.archive ?? 0, leftOut: found.faulty },
      });
    });
    return this.show(caller.organisationId, id);
  }

  /** The file goes at once; nothing of it was applied. */
  async discard(caller: Caller, id: string): Promise<void> {
    await this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.imports.lock(tx);
      const { row, preview, run } = await this.previews.withRuns(tx, caller.organisationId, id);
      // One that was cancelled before anybody began with it left its file.
      if (row.runId !== null && run?.state !== 'cancelled')
        throw new RollcallError('import.not_ready', 'It was confirmed already; take it back instead.');
      if (row.state === 'uploading') {
        if (row.createdAt >= abandonedBefore(this.clock.now(), this.config.imports))
          throw new RollcallError('import.under_way', 'The file is still coming.');
        await this.imports.forget(tx, id);
        return;
      }
      if (row.state === 'gone') return;
      if (preview !== null && preview.finishedAt === null) await this.runs.cancelIn(tx, caller, preview.id);
      await this.imports.dropFile(tx, id, this.clock.now());
      const entry = { action: 'import.discarded' as const, subject: { kind: 'import', id } };
      await this.audit.record(tx, { ...contextOf(caller), ...entry });
    });
  }

  /** @returns The preview of taking back what it applied; confirmed as any run is. */
  async undo(caller: Caller, id: string): Promise<RunRow> {
    const row = await this.database.asOrganisation(caller.organisationId, (tx) => this.previews.known(tx, id), {
      readOnly: true,
    });
    if (row.runId === null) throw new RollcallError('import.not_ready', 'Nothing of it was applied.');
    return this.runs.undo(caller, row.runId);
  }

  /** What is kept for a time goes when its time is over: a file by its own, and what was found of it with its runs. */
  async forgetOld(organisationId: string, now: Date): Promise<void> {
    await this.database.asOrganisation(organisationId, async (tx) => {
      await this.imports.dropOldFiles(tx, now);
      await this.imports.forgetWithoutRuns(tx);
    });
  }

  private async archivesToConfirm(
    tx: Tx,
    organisationId: string,
    { preview, run }: RunsOfImport,
  ): Promise<number | null> {
    if (run !== null || preview?.state !== 'ready' || (preview.counts.archive ?? 0) === 0) return null;
    const { connectionId, id: runId } = preview;
    const { removals } = await this.plans.verdict(tx, { organisationId, connectionId, runId });
    return removals === 'hold' ? (preview.counts.archive ?? 0) : null;
  }

  /** Until when they would take is told before and after, not each time that somebody looks how far the run is. */
  private async invitations(tx: Tx, row: ImportRow, run: RunRow | null): Promise<ImportView['invitations']> {
    if (run?.finishedAt === null) return null;
    const { invites } = { ...NOTHING_FOUND, ...row.found };
    const ahead = row.runId === null ? invites : 0;
    const { waiting, perMinute, until } = await this.invites.forecast(tx, ahead, this.clock.now());
    return { people: invites, waiting, perMinute, until: instantOrNull(until) };
  }
}
