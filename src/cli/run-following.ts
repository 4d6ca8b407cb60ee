import { setTimeout as wait } from 'node:timers/promises';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { Database } from '../database/database.service.js';
import { Runner } from '../runs/runner.js';
import { RunsReading } from '../runs/runs-reading.service.js';
import { FINAL_STATES } from '../runs/runs.types.js';
import { serviceLives } from './instances.repository.js';
import { markOf, ProgressLine } from './progress.js';
import type { Session } from './session.js';
import type { RunView } from './views.js';

const LOOK_EVERY_MS = 200;
/** A service that lives takes a run up within a second; one that has no room for it is helped out after this long. */
const TAKEN_WITHIN_MS = 3_000;
/** Recent runs to look through for how many records there were last time. */
const RECENT = 20;

interface Followed {
  organisationId: string;
  connectionId: string;
  runId: string;
}

/**
 * Follows a run until it is over, whoever carries it out: a service that lives, or else this process. ctrl-C ends the
 * following; a run of the service goes on, one of this process stops at a safe point and is taken up later.
 */
export class RunFollower {
  private readonly reading: RunsReading;
  private readonly runner: Runner;
  private readonly clock: Clock;

  constructor(private readonly session: Session) {
    this.reading = session.service(RunsReading);
    this.runner = session.service(Runner);
    this.clock = session.service<Clock>(CLOCK as never);
  }

  /** @throws {RollcallError} `run.not_found`; `run.stopped` when a stop switch keeps it from beginning. */
  async follow(run: Followed): Promise<RunView> {
    const { organisationId, connectionId, runId } = run;
    const { signal } = this.session;
    const expected = await this.lastRead(organisationId, connectionId);
    const lives = await this.session.service(Database).asWorker(serviceLives);
    const line = new ProgressLine(this.session.output, () => this.now());
    let takeAt = this.now() + (lives ? TAKEN_WITHIN_MS : 0);
    let work: Promise<void> | null = null;
    const stop = (): void => void this.runner.stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        const view = await this.reading.show(organisationId, runId);
        if (isOver(view) || signal.aborted) return view;
        line.show(markOf(view, expected));
        if (work === null && this.now() >= takeAt) {
          await this.assertNotStopped(organisationId, connectionId);
          takeAt = this.now() + TAKEN_WITHIN_MS;
          work = this.carryOut(run);
        }
        if (await this.pause(work)) work = null;
      }
    } finally {
      line.end();
      signal.removeEventListener('abort', stop);
      await work;
    }
  }

  /** Whatever of the connection is to be done first, then this run; nothing when somebody else is at it. */
  private async carryOut({ organisationId, connectionId, runId }: Followed): Promise<void> {
    while (!this.session.signal.aborted && (await this.runner.runOne({ organisationId, connectionId }))) {
      if (isOver(await this.reading.show(organisationId, runId))) return;
      await this.assertNotStopped(organisationId, connectionId);
    }
  }

  /** True when the work was done before it was time to look again. */
  private async pause(work: Promise<void> | null): Promise<boolean> {
    const look = wait(LOOK_EVERY_MS, false, { signal: this.session.signal }).catch((error: unknown) => {
      if (!this.session.signal.aborted) throw error;
      return false;
    });
    return work === null ? look : Promise.race([look, work.then(() => true)]);
  }

  private async assertNotStopped(organisationId: string, connectionId: string): Promise<void> {
    const stop = await this.session
      .service(Database)
      .asOrganisation(organisationId, (tx) => this.session.service(ConnectionsService).stopOf(tx, connectionId));
    if (stop === null) return;
    const why = stop.reason === null ? '' : ` (${stop.reason})`;
    throw new RollcallError('run.stopped', `Syncs are stopped${why}; the run waits until they are resumed.`);
  }

  private async lastRead(organisationId: string, connectionId: string): Promise<number | null> {
    const { items } = await this.reading.list(organisationId, { connectionId, limit: RECENT });
    const read = items.find((one) => one.coverage === 'complete' && one.counts.read > 0);
    return read?.counts.read ?? null;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

export function isOver(run: RunView): boolean {
  return FINAL_STATES.some((state) => state === run.state);
}
