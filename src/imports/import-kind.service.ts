import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Actor } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import type { Tx } from '../database/tx.js';
import { Invitations } from '../invitations/invitations.service.js';
import type { Inviter } from '../invitations/invitations.types.js';
import { MailSettings } from '../mail/mail-settings.service.js';
import type { ChangedBy } from '../people/people.types.js';
import { LocalKinds, type LocalKind, type RunEnd } from '../runs/local-kinds.service.js';
import { Places } from '../runs/places.service.js';
import type { PlannedRow } from '../runs/plan.types.js';
import type { RunContext } from '../runs/run-context.js';
import type { AskedBy, FileSettings } from '../runs/runs.types.js';
import { FileBytes } from './file-bytes.service.js';
import { FilePlanner } from './file-planner.service.js';
import { ImportsRepository } from './imports.repository.js';
import type { ImportRow } from './imports.types.js';
import { fileLost } from './previews.service.js';

/** What runs of the kind `import` do: the file is read and planned here, and whoever becomes active by it is invited. */
@Injectable()
export class ImportKind implements LocalKind, OnModuleInit {
  constructor(
    private readonly kinds: LocalKinds,
    private readonly imports: ImportsRepository,
    private readonly bytes: FileBytes,
    private readonly planner: FilePlanner,
    private readonly places: Places,
    private readonly invites: Invitations,
    private readonly settings: MailSettings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.kinds.register('import', this);
  }

  async read(context: RunContext): Promise<void> {
    const file = await this.fileOf(context);
    await this.bytes.assertThere(context, file, this.clock.now());
  }

  async plan(context: RunContext): Promise<void> {
    await this.planner.plan(context, await this.fileOf(context));
  }

  makePlaces(tx: Tx, context: RunContext, lines: readonly PlannedRow[]): Promise<ReadonlyMap<string, string>> {
    return this.places.make(tx, lines, { by: actorOfRun(context.run.askedBy), runId: context.runId }, 'csv');
  }

  async applied(tx: Tx, context: RunContext, done: readonly PlannedRow[]): Promise<void> {
    const invited = done.flatMap(({ personId, after }) =>
      after?.invites === true && personId !== null ? [personId] : [],
    );
    if (invited.length === 0) return;
    const file = await this.imports.find(tx, importOf(context));
    if (file === null) return;
    const { message, language } = file.options;
    await this.invites.queueForImport(tx, {
      importId: file.id,
      people: await this.imports.invited(tx, invited),
      by: await this.inviter(tx, context.run.askedBy),
      message: message === '' ? null : message,
      language: language ?? (await this.settings.language(tx)),
    });
  }

  async undone(tx: Tx, { run }: RunContext): Promise<void> {
    const importId = run.undoOf === null ? null : await this.imports.ofRun(tx, run.undoOf);
    if (importId !== null) await this.invites.closeOfImport(tx, importId);
  }

  /** Nobody needs the file any more once it was applied, or was not after all. */
  async ended(tx: Tx, context: RunContext, _end: RunEnd): Promise<void> {
    if (context.kind === 'import' && context.run.confirms !== null)
      await this.imports.dropFile(tx, importOf(context), this.clock.now());
  }

  changedBy({ run, runId }: RunContext): ChangedBy {
    return { origin: 'csv', actor: actorOfRun(run.askedBy), runId };
  }

  private async inviter(tx: Tx, by: AskedBy): Promise<Inviter> {
    const personId = by.personId ?? null;
    return {
      actor: actorOfRun(by),
      personId,
      keyId: by.kind === 'api_key' ? (by.credentialId ?? null) : null,
      name: await this.imports.inviterName(tx, personId),
    };
  }

  private async fileOf(context: RunContext): Promise<ImportRow> {
    const file = await context.lease.read((tx) => this.imports.find(tx, importOf(context)));
    if (file === null) throw fileLost();
    return file;
  }
}

function importOf({ run }: RunContext): string {
  return (run.settings as FileSettings).importId;
}

/** Who confirmed it. */
function actorOfRun({ kind, credentialId, personId }: AskedBy): Actor {
  if (kind === 'person' && personId && credentialId) return { kind: 'person', id: personId, sessionId: credentialId };
  if (kind === 'api_key' && credentialId) return { kind: 'key', id: credentialId, personId: personId ?? null };
  return kind === 'operator' ? { kind: 'operator' } : { kind: 'system' };
}
