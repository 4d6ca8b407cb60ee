import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { policyOf, type ConnectionSettings } from '../connections/connections.types.js';
import { ConnectorsService } from '../connections/connectors.service.js';
import { ReferenceService } from '../frameworks/reference.service.js';
import { DomainsService } from '../organisations/domains.service.js';
import { isEmployed } from '../sync/standing.js';
import { Claimer, type Claim } from './claiming.js';
import { failureOf, isOutage } from './failures.js';
import { Finisher } from './finishing.js';
import { Interruption, type Lease } from './lease.js';
import type { Due } from './lease.repository.js';
import type { Directory, RunContext } from './run-context.js';
import { RunWorker } from './run-worker.js';
import { isLocal } from './runs.types.js';

/** The runs of this instance: takes what is due, as many at once as it may, and leaves them in order when it stops. */
@Injectable()
export class Runner {
  private readonly log = new Logger('runs');
  /** This instance, as the owner of leases. */
  readonly instance = newId();
  private readonly underway = new Map<Lease, Promise<void>>();
  private stopping = false;

  constructor(
    private readonly claimer: Claimer,
    private readonly worker: RunWorker,
    private readonly finisher: Finisher,
    private readonly connectors: ConnectorsService,
    private readonly references: ReferenceService,
    private readonly domains: DomainsService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'schedule'>,
  ) {}

  /** Takes up what is due while there is room. Returns how many runs were taken. */
  async takeUp(): Promise<number> {
    const room = this.config.schedule.parallelRuns - this.underway.size;
    if (this.stopping || room <= 0) return 0;
    let taken = 0;
    for (const due of await this.claimer.due(room)) {
      const claim = this.stopping ? null : await this.claimer.claim(due, this.instance);
      if (claim === null) continue;
      taken += 1;
      void this.begin(claim);
    }
    return taken;
  }

  /** Runs whatever is due, one after another, until nothing is: for the command line and for tests. */
  async runAllDue(): Promise<void> {
    do await this.idle();
    while ((await this.takeUp()) > 0);
  }

  /** One run of one connection, if there is one to do and nobody is at it. */
  async runOne(due: Due): Promise<boolean> {
    const claim = this.stopping ? null : await this.claimer.claim(due, this.instance);
    if (claim === null) return false;
    await this.begin(claim);
    return true;
  }

  /** Once nothing of this instance is under way. */
  async idle(): Promise<void> {
    while (this.underway.size > 0) await Promise.all(this.underway.values());
  }

  /** F-60: stops at the next page or batch, gives the leases back, and leaves the rest to the next claimer. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const lease of this.underway.keys()) lease.interrupt('shutdown', 'The service is stopping.');
    await this.idle();
  }

  /** Under way until it is over, so that a stop reaches it. */
  private begin(claim: Claim): Promise<void> {
    const { lease } = claim.context;
    const work = this.carryOut(claim).finally(() => this.underway.delete(lease));
    this.underway.set(lease, work);
    return work;
  }

  private async carryOut({ context, refused }: Claim): Promise<void> {
    const { lease } = context;
    lease.keepRenewing();
    try {
      if (refused !== null) await this.finisher.cancel(context, refused.code, refused.message);
      else await this.attempt(context);
    } catch (error) {
      // Not even the end could be written: the lease runs out, and the next claimer goes on.
      this.log.error({ runId: context.runId, error: messageOf(error) }, 'a run was left behind');
    } finally {
      await context.directory?.connector
        .close()
        .catch((error: unknown) => this.log.warn({ error: messageOf(error) }, 'a connector did not close'));
      await lease
        .release()
        .catch((error: unknown) => this.log.warn({ error: messageOf(error) }, 'a lease was not given back'));
    }
  }

  private async attempt(context: RunContext): Promise<void> {
    try {
      context.directory = await this.openDirectory(context);
      await this.worker.run(context);
    } catch (error) {
      const { signal } = context.lease;
      const cause: unknown = signal.aborted ? signal.reason : error;
      if (isLocal(context.kind) && isOutage(cause)) {
        // Nothing asks for it again, as the schedule does for a directory: the next claimer goes on where it stands.
        this.log.warn({ runId: context.runId, err: error }, 'a run was left for another try');
      } else if (!(cause instanceof Interruption)) {
        const failure = failureOf(error);
        const level = failure.code === 'internal.error' ? 'error' : 'warn';
        this.log[level]({ runId: context.runId, code: failure.code, err: error }, 'a run failed');
        await this.finisher.fail(context, error);
      } else if (
        cause.interruptedBy === 'cancelled' ||
        cause.interruptedBy === 'stopped' ||
        cause.interruptedBy === 'outdated'
      ) {
        await this.finisher.cancel(context, `run.${cause.interruptedBy}`, cause.message);
      }
    }
  }

  private async openDirectory(context: RunContext): Promise<Directory | null> {
    const { organisationId, connectionId, runId, run, connection, lease } = context;
    if (isLocal(context.kind)) return null;
    const simulated = context.kind === 'simulation' ? (run.settings as ConnectionSettings | null) : null;
    const settings = simulated ?? connection.settings;
    const policy = policyOf(settings, connection.rank);
    const connector = await this.connectors.connectorFor(organisationId, connectionId, simulated ?? undefined);
    const { reference, verifiedDomains } = await lease.read(async (tx) => ({
      reference: await this.references.reference(tx),
      verifiedDomains: await this.domains.verified(tx),
    }));
    return {
      connector,
      policy,
      hashVersion: simulated === null ? String(connection.settingsVersion) : `simulation ${runId}`,
      employed: (record) => isEmployed(record.status, policy),
      verifiedDomains,
      reference,
      intervalMs: connection.intervalMs,
    };
  }
}
