import { Inject, Injectable } from '@nestjs/common';
import { Idempotency } from '../auth/idempotency.service.js';
import { CLOCK, type Clock, systemClock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { inTurn } from '../common/in-turn.js';
import { Database } from '../database/database.service.js';
import { RunsHousekeeping } from '../runs/housekeeping.service.js';
import { VERDICT_WINDOW_MS } from '../sync/policy.js';
import { Erasure } from '../people/erasure.service.js';
import { DueRepository, type KeptOrganisation } from './due.repository.js';
import { Leftovers } from './leftovers.js';

const DAY = 24 * 3_600_000;
const ORGANISATIONS_AT_ONCE = 200;
const RUNS_AT_ONCE = 20;

/** Recurring clean-up: what is kept for a time goes when its time is over. Any instance may do it; twice is as once. */
@Injectable()
export class Cleaning {
  constructor(
    private readonly database: Database,
    private readonly due: DueRepository,
    private readonly housekeeping: RunsHousekeeping,
    private readonly idempotency: Idempotency,
    private readonly leftovers: Leftovers,
    private readonly erasure: Erasure,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What is over is over by the machine's clock and the database's: one that was set forward by a year takes nothing away. */
  async cleanAll(): Promise<void> {
    const clocks = [this.clock.now(), systemClock.now(), await this.database.now()];
    const now = new Date(Math.min(...clocks.map((at) => at.getTime())));
    await this.leftovers.cleanInstallation(now);
    await inTurn(this.organisations(), async (organisation) => {
      await this.clean(organisation, now);
      return 1;
    });
  }

  private async *organisations(): AsyncGenerator<KeptOrganisation> {
    for (let after: string | null = null; ;) {
      const from: string | null = after;
      const page: KeptOrganisation[] = await this.database.asWorker((tx) =>
        this.due.organisations(tx, from, ORGANISATIONS_AT_ONCE),
      );
      yield* page;
      if (page.length < ORGANISATIONS_AT_ONCE) return;
      after = page.at(-1)?.id ?? null;
    }
  }

  private async clean(
    { id: organisationId, runsKeptDays, eraseAfterDays }: KeptOrganisation,
    now: Date,
  ): Promise<void> {
    const before = new Date(now.getTime() - runsKeptDays * DAY);
    for (let gone = RUNS_AT_ONCE; gone === RUNS_AT_ONCE;) {
      gone = await this.database.asOrganisation(organisationId, (tx) =>
        this.due.forgetRuns(tx, organisationId, before, RUNS_AT_ONCE),
      );
    }
    await this.idempotency.forgetOld(organisationId, now);
    await this.leftovers.clean(organisationId, now);
    await this.database.asOrganisation(organisationId, async (tx) => {
      const unowned = await this.due.unowned(tx, organisationId, new Date(now.getTime() - VERDICT_WINDOW_MS));
      const notices = unowned.map(({ id, name, people }) => ({
        id: newId(),
        kind: 'unowned',
        cause: `unowned:${id}`,
        connectionId: id,
        personId: null,
        message: `${name} has said nothing for 30 days: its ${people} people are nobody’s, and nothing is inferred for them.`,
        detail: { people },
      }));
      await this.due.mendUnowned(
        tx,
        organisationId,
        unowned.map(({ id }) => id),
        now,
      );
      await this.housekeeping.keep(tx, organisationId, notices, now);
    });
    if (eraseAfterDays !== null) await this.erasure.eraseDue(organisationId, eraseAfterDays, now);
  }
}
