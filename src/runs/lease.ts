import { setInterval, clearInterval } from 'node:timers';
import type { Database } from '../database/database.service.js';
import type { TransactionOptions } from '../database/transaction.js';
import type { Tx } from '../database/tx.js';
import type { LeaseRepository } from './lease.repository.js';
import type { RunRef } from './runs.types.js';

/** Why a run ends, or is left to the next claimer, before its work is done. */
export type InterruptionCause = 'lease_lost' | 'cancelled' | 'stopped' | 'outdated' | 'shutdown';

/** Thrown at a safe point: nothing is half done. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(
    readonly interruptedBy: InterruptionCause,
    message: string,
  ) {
    super(message);
  }
}

/** The hold of one worker on one connection, while it runs. Lost leases, cancels and stop switches abort `signal`. */
export class Lease {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private renewing: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly leases: LeaseRepository,
    readonly ref: RunRef,
    private readonly times: { leaseMs: number; renewMs: number },
  ) {}

  /** Every wait and request of the run obeys this. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  keepRenewing(): void {
    this.timer = setInterval(() => {
      this.renewing ??= this.renew().finally(() => {
        this.renewing = null;
      });
    }, this.times.renewMs);
    this.timer.unref();
  }

  interrupt(cause: InterruptionCause, message: string): void {
    this.controller.abort(new Interruption(cause, message));
  }

  /** Goes first in each transaction of a run that writes. @throws {Interruption} when the run may not go on. */
  async check(tx: Tx): Promise<void> {
    this.controller.signal.throwIfAborted();
    const { organisationId, connectionId, runId, fence } = this.ref;
    const pulse = await this.leases.pulse(tx, organisationId, connectionId, runId, fence);
    if (!pulse.holds) this.interrupt('lease_lost', 'Another worker has taken this connection over.');
    else if (pulse.cancelled) this.interrupt('cancelled', 'An admin cancelled the run.');
    else if (pulse.stopped !== null) this.interrupt('stopped', `Syncs are stopped: ${pulse.stopped}`);
    else if (pulse.outdated) this.interrupt('outdated', 'The settings of the connection were changed meanwhile.');
    this.controller.signal.throwIfAborted();
  }

  /** A transaction that writes only while the lease is held. */
  write<T>(work: (tx: Tx) => Promise<T>, options?: Pick<TransactionOptions, 'timeoutMs' | 'awaitDisk'>): Promise<T> {
    return this.database.asOrganisation(
      this.ref.organisationId,
      async (tx) => {
        await this.check(tx);
        return work(tx);
      },
      options,
    );
  }

  /** For the end of a run: written though it was cancelled or stopped. Whether the run is still ours is in its fence. */
  writeAnyway<T>(organisationId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.asOrganisation(organisationId, work);
  }

  read<T>(work: (tx: Tx) => Promise<T>, options?: { timeoutMs?: number }): Promise<T> {
    this.controller.signal.throwIfAborted();
    return this.database.asOrganisation(this.ref.organisationId, work, options);
  }

  async release(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.renewing;
    const { organisationId, connectionId, fence } = this.ref;
    await this.database.asOrganisation(organisationId, (tx) =>
      this.leases.release(tx, organisationId, connectionId, fence),
    );
  }

  /** A renewal that fails is tried again at the next beat; a lease that expired meanwhile is noticed by the fence. */
  private async renew(): Promise<void> {
    const { organisationId, connectionId, fence } = this.ref;
    try {
      const renewed = await this.database.asOrganisation(organisationId, (tx) =>
        this.leases.renew(tx, organisationId, connectionId, fence, this.times.leaseMs),
      );
      if (!renewed) this.interrupt('lease_lost', 'Another worker has taken this connection over.');
      else await this.database.asOrganisation(organisationId, (tx) => this.check(tx));
    } catch (error) {
      if (!(error instanceof Interruption)) this.lastFault = error;
    }
  }

  /** Why the last renewal failed, for the log of the run. */
  lastFault: unknown = null;
}
