import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { Database } from '../database/database.service.js';
import { nextRunAt } from '../runs/backing-off.js';
import { RANDOM } from '../runs/finishing.js';
import { RunsService } from '../runs/runs.service.js';
import { DueRepository, type ScheduledConnection } from './due.repository.js';

/** Connections that one look asks for. */
const MOST_AT_ONCE = 200;

/** What is due asks for a run. Never carries one out. */
@Injectable()
export class Asking {
  constructor(
    private readonly database: Database,
    private readonly due: DueRepository,
    private readonly runs: RunsService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: () => number,
  ) {}

  /** Asks for the runs whose time has come; returns for how many connections. */
  async askForDue(): Promise<number> {
    const now = this.clock.now();
    const due = await this.database.asWorker((tx) => this.due.due(tx, now, MOST_AT_ONCE));
    let asked = 0;
    for (const { organisationId, connectionId } of due)
      if (await this.ask(organisationId, connectionId, now)) asked += 1;
    return asked;
  }

  /** F-66: however often it is due while a run goes on, one waits behind it. */
  private ask(organisationId: string, connectionId: string, now: Date): Promise<boolean> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const connection = await this.due.take(tx, organisationId, connectionId, now);
      if (connection === null) return false;
      await this.due.setNext(tx, organisationId, connectionId, nextRunAt(now, connection.intervalMs, this.random()));
      if (!connection.confirmed && connection.previewWaits) return false;
      await this.runs.askBySchedule(
        tx,
        organisationId,
        connectionId,
        isDeltaEnough(connection, now) ? 'delta' : 'full',
      );
      return true;
    });
  }
}

/** A delta between full reads, where the directory has one; at least one full read in the time that the settings say. */
export function isDeltaEnough(connection: ScheduledConnection, now: Date): boolean {
  const { lastFullAt, hasCursor, confirmed, fullReadMs, intervalMs } = connection;
  if (!confirmed || !hasCursor || lastFullAt === null) return false;
  return now.getTime() + intervalMs / 2 - lastFullAt.getTime() < fullReadMs;
}
