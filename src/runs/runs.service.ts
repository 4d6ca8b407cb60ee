import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf, type AuditContext } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { ConnectionsService } from '../connections/connections.service.js';
import type { PeopleOfDeleted, SettingsChange } from '../connections/connections.types.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { PlanRepository } from './plan.repository.js';
import { RunsRepository, type NewRun } from './runs.repository.js';
import { isOfFiles, type AskedBy, type FileSettings, type RunKind, type RunRow, type Trigger } from './runs.types.js';

/** What is asked for. */
export interface Request {
  kind: RunKind;
  trigger: Trigger;
  askedBy: AskedBy;
  /** People to read directly; empty for everybody. */
  subjects?: string[];
  settings?: unknown;
  undoOf?: string;
  confirms?: string;
}

/** Asks for runs and answers about them. A worker picks up what was asked; asking twice is the same as once. */
@Injectable()
export class RunsService {
  constructor(
    private readonly database: Database,
    private readonly runs: RunsRepository,
    private readonly plans: PlanRepository,
    private readonly connections: ConnectionsService,
    private readonly audit: AuditService,
    private readonly sessions: Sessions,
    private readonly organisations: OrganisationsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The new run, or the one that waits already; never more than one waits behind the one that runs. */
  async ask(tx: Tx, organisationId: string, connectionId: string, request: Request): Promise<RunRow> {
    const connection = await this.runs.findConnection(tx, organisationId, connectionId);
    if (connection === null || connection.state === 'deleting') {
      throw new RollcallError('connection.not_found', 'There is no such connection.');
    }
    const run: NewRun = {
      id: newId(),
      connectionId,
      kind: request.kind,
      trigger: request.trigger,
      askedBy: request.askedBy,
      askedAt: this.clock.now(),
      settings: request.settings ?? null,
      subjects: request.subjects ?? [],
      undoOf: request.undoOf ?? null,
      confirms: request.confirms ?? null,
    };
    const queued = await this.runs.insertQueued(tx, organisationId, run);
    if (queued !== null) return queued;
    const waiting = await this.runs.findQueued(tx, organisationId, connectionId);
    // It was taken between the two looks: then there is room for this one.
    if (waiting === null) return this.ask(tx, organisationId, connectionId, request);
    return this.join(tx, organisationId, waiting, run);
  }

  /** The schedule joins whatever waits. */
  async askBySchedule(tx: Tx, organisationId: string, connectionId: string, kind: 'full' | 'delta'): Promise<void> {
    const waiting = await this.runs.findQueued(tx, organisationId, connectionId);
    if (waiting === null)
      await this.ask(tx, organisationId, connectionId, { kind, trigger: 'schedule', askedBy: { kind: 'schedule' } });
  }

  /** A resync of everybody, at the press of a button. */
  resync(caller: Caller, connectionId: string, subjects: string[] = []): Promise<RunRow> {
    return this.askAs(caller, connectionId, {
      kind: subjects.length > 0 ? 'delta' : 'full',
      trigger: 'manual',
      subjects,
    });
  }

  preview(caller: Caller, connectionId: string): Promise<RunRow> {
    return this.askAs(caller, connectionId, { kind: 'preview', trigger: 'manual' });
  }

  /** The plan that settings would give which are not saved. */
  simulate(caller: Caller, connectionId: string, change: SettingsChange): Promise<RunRow> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const settings = await this.connections.settingsWith(tx, connectionId, change);
      return this.askIn(tx, caller, connectionId, { kind: 'simulation', trigger: 'manual', settings });
    });
  }

  /**
   * Confirms a preview: the directory is read again, and what is applied differs from what was shown by added joiners
   * and updates alone.
   *
   * @param approveLinks Links of the preview that need an admin's word: all, or those of these records.
   * @throws {RollcallError} `request.forbidden` for links that are not the caller's to approve
   */
  confirm(caller: Caller, runId: string, approveLinks: 'all' | string[]): Promise<RunRow> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const shown = await this.known(tx, caller.organisationId, runId);
      const connection = await this.runs.findConnection(tx, caller.organisationId, shown.connectionId);
      if (connection === null || connection.state === 'deleting')
        throw new RollcallError('connection.not_found', 'There is no such connection.');
      // A file is confirmed with what was seen of it: `askForFile`.
      if (shown.state !== 'ready' || shown.kind === 'simulation' || shown.kind === 'import') {
        throw new RollcallError('run.not_ready', 'Only a preview that is ready can be confirmed; ask for a new one.');
      }
      const newer = await this.runs.newestReady(tx, caller.organisationId, shown.connectionId, shown.kind);
      if (newer !== shown.id || (shown.kind === 'preview' && shown.settingsVersion !== connection.settingsVersion)) {
        throw new RollcallError(
          'run.outdated',
          'The settings changed since, or a newer preview was made; look at that one.',
        );
      }
      const approved = await this.approve(tx, caller, runId, approveLinks);
      const kind = shown.kind === 'preview' ? 'full' : shown.kind;
      const run = await this.askIn(tx, caller, shown.connectionId, {
        kind,
        trigger: 'manual',
        confirms: runId,
        settings: shown.settings,
        ...(shown.undoOf === null ? {} : { undoOf: shown.undoOf }),
      });
      await this.audit.record(tx, {
        ...contextOf(caller),
        runId,
        action: 'run.confirmed',
        subject: { kind: 'run', id: runId },
        detail: { approvedLinks: approved },
      });
      return run;
    });
  }

  /** The run of a file of people: its preview, or, where it confirms one, what it applies. */
  async askForFile(tx: Tx, caller: Caller, settings: FileSettings, confirms: string | null = null): Promise<RunRow> {
    const connectionId = await this.connections.placeOfFiles(tx);
    const request = { kind: 'import', trigger: 'manual', settings } as const;
    return this.askIn(tx, caller, connectionId, confirms === null ? request : { ...request, confirms });
  }

  /** Links that wait in a plan, approved one by one or all; the run that makes them is asked for. */
  approveLinks(caller: Caller, runId: string, which: 'all' | string[]): Promise<RunRow> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const run = await this.known(tx, caller.organisationId, runId);
      const approved = await this.approve(tx, caller, runId, which);
      return this.askIn(tx, caller, run.connectionId, { kind: 'full', trigger: 'manual' }, { approvedLinks: approved });
    });
  }

  /**
   * Whoever holds the directory that an admin is tied to can sign in as that admin: such a link is approved by those alone
   * who make admins, and none by a set-up link.
   *
   * @returns How many were approved.
   */
  private async approve(tx: Tx, caller: Caller, runId: string, which: 'all' | string[]): Promise<number> {
    if (which !== 'all' && which.length === 0) return 0;
    if (caller.setUp !== null)
      throw new RollcallError(
        'request.forbidden',
        'An admin of the organisation has to approve links; start without them.',
      );
    const externalIds = which === 'all' ? null : which;
    if (
      !caller.scopes.has('people:admin') &&
      (await this.plans.waitsForAdmin(tx, caller.organisationId, runId, externalIds))
    )
      throw new RollcallError(
        'request.forbidden',
        'Some of these links are to admins: only those who may make admins can approve them.',
        { scope: 'people:admin' },
      );
    return this.plans.approveLinks(tx, caller.organisationId, runId, externalIds);
  }

  /** The preview of taking a run back. */
  undo(caller: Caller, runId: string): Promise<RunRow> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const run = await this.known(tx, caller.organisationId, runId);
      const connection = await this.runs.findConnection(tx, caller.organisationId, run.connectionId);
      if (connection === null || connection.state === 'deleting') {
        throw new RollcallError(
          'run.connection_deleted',
          'The connection of this run was deleted; restore the people whom it archived in bulk instead.',
        );
      }
      const applied = await this.plans.appliedLines(tx, caller.organisationId, runId, 0, 1);
      if (run.state === 'applying' || applied.length === 0) {
        throw new RollcallError('run.nothing_to_undo', 'The run changed nobody, or is not over yet.');
      }
      await this.audit.record(tx, {
        ...contextOf(caller),
        runId,
        action: 'run.undone',
        subject: { kind: 'run', id: runId },
      });
      return this.askIn(tx, caller, run.connectionId, { kind: 'undo', trigger: 'manual', undoOf: runId });
    });
  }

  /** The preview of deleting a connection: its people are kept as they are, or archived. */
  remove(caller: Caller, connectionId: string, people: PeopleOfDeleted): Promise<RunRow> {
    return this.askAs(caller, connectionId, { kind: 'removal', trigger: 'manual', settings: { people } });
  }

  cancel(caller: Caller, runId: string): Promise<RunRow> {
    return this.database.asOrganisation(caller.organisationId, (tx) => this.cancelIn(tx, caller, runId));
  }

  async cancelIn(tx: Tx, caller: Caller, runId: string): Promise<RunRow> {
    await this.known(tx, caller.organisationId, runId);
    const cancelled = await this.runs.cancel(tx, caller.organisationId, runId, this.clock.now());
    if (cancelled === null) throw new RollcallError('run.over', 'The run is over; there is nothing to cancel.');
    await this.audit.record(tx, {
      ...contextOf(caller),
      runId,
      action: 'run.cancelled',
      subject: { kind: 'run', id: runId },
    });
    return cancelled;
  }

  async known(tx: Tx, organisationId: string, runId: string): Promise<RunRow> {
    const run = await this.runs.find(tx, organisationId, runId);
    if (run === null) throw new RollcallError('run.not_found', 'There is no such run.');
    return run;
  }

  /** Those of these runs that are still kept. */
  async kept(tx: Tx, organisationId: string, runIds: readonly string[]): Promise<ReadonlyMap<string, RunRow>> {
    const runs = await this.runs.findAll(tx, organisationId, runIds);
    return new Map(runs.map((run) => [run.id, run]));
  }

  private askAs(caller: Caller, connectionId: string, request: Omit<Request, 'askedBy'>): Promise<RunRow> {
    return this.database.asOrganisation(caller.organisationId, (tx) => this.askIn(tx, caller, connectionId, request));
  }

  private async askIn(
    tx: Tx,
    caller: Caller,
    connectionId: string,
    request: Omit<Request, 'askedBy'>,
    more: Record<string, number> = {},
  ): Promise<RunRow> {
    const connection = await this.runs.findConnection(tx, caller.organisationId, connectionId);
    if (connection === null || !isOfFiles(connection)) await this.organisations.requireFeature(tx, 'directory_sync');
    else if (request.kind !== 'import' && request.kind !== 'undo')
      throw new RollcallError('connection.not_found', 'There is no such connection.');
    const run = await this.ask(tx, caller.organisationId, connectionId, { ...request, askedBy: askedBy(caller) });
    await this.record(tx, contextOf(caller), run, more);
    // Whoever came by a set-up link sees the runs that they asked for, and no others.
    if (caller.setUp !== null) await this.sessions.own(tx, caller.credentialId, run.id);
    return run;
  }

  private record(tx: Tx, by: AuditContext, run: RunRow, more: Record<string, number>): Promise<void> {
    return this.audit.record(tx, {
      ...by,
      runId: run.id,
      action: 'run.asked',
      subject: { kind: 'run', id: run.id },
      detail: { kind: run.kind, ...more },
    });
  }

  /** What waits takes up what is asked on top of it, where it can; a preview of something else cannot wait beside it. */
  private async join(tx: Tx, organisationId: string, waiting: RunRow, asked: NewRun): Promise<RunRow> {
    const plain = (kind: RunKind): boolean => kind === 'full' || kind === 'delta';
    if (waiting.kind === asked.kind && waiting.kind !== 'delta') {
      const same =
        waiting.undoOf === asked.undoOf &&
        waiting.confirms === asked.confirms &&
        JSON.stringify(waiting.settings) === JSON.stringify(asked.settings);
      if (same || (asked.confirms === null && !OF_ONE_THING.has(waiting.kind))) return waiting;
    } else if (plain(waiting.kind) && plain(asked.kind) && asked.confirms === null) {
      const everybody = waiting.kind === 'full' || asked.kind === 'full';
      const named =
        waiting.subjects.length > 0 && asked.subjects.length > 0
          ? [...new Set([...waiting.subjects, ...asked.subjects])]
          : [];
      const kind =
        everybody || (named.length === 0 && waiting.subjects.length + asked.subjects.length > 0) ? 'full' : 'delta';
      await this.runs.widenQueued(tx, organisationId, waiting.id, kind, kind === 'full' ? [] : named);
      return { ...waiting, kind, subjects: kind === 'full' ? [] : named };
    }
    if (plain(waiting.kind) && asked.kind === 'full' && asked.confirms !== null && waiting.trigger !== 'schedule') {
      // It reads everybody in any case: whoever asked for a resync follows the run that was confirmed.
      await this.runs.confirmQueued(tx, organisationId, waiting.id, asked.confirms, asked.settings);
      return { ...waiting, kind: 'full', subjects: [], confirms: asked.confirms, settings: asked.settings };
    }
    const why = whyItGivesWay(waiting, asked);
    if (why !== null) {
      await this.runs.giveWay(tx, organisationId, waiting.id, why, this.clock.now());
      const queued = await this.runs.insertQueued(tx, organisationId, asked);
      if (queued !== null) return queued;
    }
    throw new RollcallError(
      'run.other_waiting',
      'Another kind of run waits for this connection; ask again once it has begun.',
    );
  }
}

/** Kinds of which two are equal only where they are about the same: a run, settings, a file. */
const OF_ONE_THING: ReadonlySet<RunKind> = new Set<RunKind>(['undo', 'simulation', 'import']);

/** What was confirmed waits for nothing that was not; and for a run of the schedule nobody waits: it comes again. */
function whyItGivesWay(waiting: RunRow, asked: NewRun): string | null {
  if (waiting.confirms !== null) return null;
  if (asked.confirms !== null) return 'It gave way to a plan that an admin confirmed; ask for it again.';
  const scheduled = waiting.trigger === 'schedule' && (waiting.kind === 'full' || waiting.kind === 'delta');
  return scheduled ? 'It gave way to what an admin asked for; the schedule comes again.' : null;
}

export function askedBy(caller: Caller): AskedBy {
  const { credentialId, personId, operator, setUp } = caller;
  if (caller.kind === 'command_line') return { kind: 'operator' };
  if (setUp !== null) return { kind: 'setup', credentialId: setUp.linkId };
  if (operator !== null && personId === null) return { kind: 'operator', credentialId, personId: operator.personId };
  return { kind: caller.kind === 'session' ? 'person' : 'api_key', credentialId, personId };
}
