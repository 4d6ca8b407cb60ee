import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Lease } from './lease.js';
import { LeaseRepository, type Due } from './lease.repository.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { isLocal, type ConnectionRow, type RunKind, type RunRow, type RunState } from './runs.types.js';
import { StagingRepository } from './staging.repository.js';

/** A run that was begun so often kills whoever works on it. */
const MOST_ATTEMPTS = 20;

/** A run that was taken, and what is wrong with it, if it cannot go on. */
export interface Claim {
  context: RunContext;
  refused: { code: string; message: string } | null;
}

/** Takes the lease of a connection together with the run that waits or was left behind. */
@Injectable()
export class Claimer {
  constructor(
    private readonly database: Database,
    private readonly leases: LeaseRepository,
    private readonly runs: RunsRepository,
    private readonly staging: StagingRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, 'schedule'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  due(limit: number): Promise<Due[]> {
    return this.database.asWorker((tx) => this.leases.due(tx, limit));
  }

  /** Null when somebody else was faster, or nothing is left to do. */
  async claim(due: Due, owner: string): Promise<Claim | null> {
    const { organisationId, connectionId } = due;
    const { leaseMs, renewEveryMs } = this.config.schedule;
    const claimed = await this.database.asOrganisation(organisationId, async (tx) => {
      const fence = await this.leases.take(tx, organisationId, connectionId, owner, leaseMs);
      if (fence === null) return null;
      const taken = await this.takeRun(tx, organisationId, connectionId, fence);
      if (taken === null) await this.leases.release(tx, organisationId, connectionId, fence);
      return taken === null ? null : { ...taken, fence };
    });
    if (claimed === null) return null;
    const { run, connection, claimedIn, fence, refused } = claimed;
    const ref = { organisationId, connectionId, runId: run.id, fence };
    const lease = new Lease(this.database, this.leases, ref, { leaseMs, renewMs: renewEveryMs });
    const context: RunContext = {
      organisationId, connectionId, runId: run.id, kind: run.kind, run, claimedIn, connection, lease,
      partial: run.kind === 'delta', directory: null,
    }; // prettier-ignore
    return { context, refused };
  }

  private async takeRun(tx: Tx, organisationId: string, connectionId: string, fence: number): Promise<Taken | null> {
    const connection = await this.runs.findConnection(tx, organisationId, connectionId);
    if (connection === null) return null;
    const left = await this.runs.findActive(tx, organisationId, connectionId);
    const found = left ?? (await this.runs.findQueued(tx, organisationId, connectionId));
    if (found === null) return null;
    const again = await this.resume(tx, found, connection, fence);
    if (again !== null) return again;
    const kind = await this.effectiveKind(tx, found, connection);
    if (!(await this.runs.start(tx, found, fence, kind, connection.settingsVersion, this.clock.now()))) return null;
    const run = await this.runs.find(tx, organisationId, found.id);
    return run === null
      ? null
      : {
          run,
          connection,
          claimedIn: found.state === 'queued' ? 'queued' : 'reading',
          refused: this.refusal(run, connection),
        };
  }

  /** Goes on with a stored plan, or with a read that is whole. Null when it must begin anew, or just begins. */
  private async resume(tx: Tx, run: RunRow, connection: ConnectionRow, fence: number): Promise<Taken | null> {
    if (run.state === 'queued' || run.state === 'reading') return null;
    const own = isLocal(run.kind);
    const staged = own || (await this.staging.lastPage(tx, run.organisationId, run.id)) !== null;
    const current = own || run.kind === 'simulation' || run.settingsVersion === connection.settingsVersion;
    if (run.state === 'planning' && (!staged || !current)) return null;
    if (!(await this.runs.takeOver(tx, run, fence))) return null;
    const refused = this.refusal(run, connection);
    if (refused !== null || (staged && current))
      return { run: { ...run, fence }, connection, claimedIn: run.state, refused };
    const why = staged
      ? 'The settings of the connection were changed meanwhile.'
      : 'What was read is lost; the next run reads anew.';
    return {
      run: { ...run, fence },
      connection,
      claimedIn: run.state,
      refused: { code: 'run.abandoned', message: why },
    };
  }

  private refusal(run: RunRow, connection: ConnectionRow): Claim['refused'] {
    if (run.attempts > MOST_ATTEMPTS)
      return { code: 'run.abandoned', message: `It was begun ${run.attempts} times and never came to an end.` };
    if (connection.state === 'deleting' && run.kind !== 'removal')
      return { code: 'run.abandoned', message: 'The connection was deleted.' };
    return null;
  }

  /** Until a preview of the present settings was confirmed, every run is one. */
  private async effectiveKind(tx: Tx, run: RunRow, connection: ConnectionRow): Promise<RunKind> {
    if (run.kind !== 'full' && run.kind !== 'delta') return run.kind;
    if (connection.confirmedVersion === connection.settingsVersion) return run.kind;
    if (run.confirms === null) return 'preview';
    const preview = await this.runs.find(tx, run.organisationId, run.confirms);
    return preview?.state === 'ready' && preview.settingsVersion === connection.settingsVersion ? 'full' : 'preview';
  }
}

interface Taken {
  run: RunRow;
  connection: ConnectionRow;
  claimedIn: RunState;
  refused: Claim['refused'];
}
