import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { ConnectorError } from '../connectors/errors.js';
import { Reader } from './reading.js';
import { directoryOf, type RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { StagingRepository } from './staging.repository.js';

/** Named people beyond this are a full read's work. */
const MOST_NAMED = 5_000;

/** Reads the people whom a delta, a push or an admin names, each directly; or everybody, when too much moved. */
@Injectable()
export class DeltaReader {
  constructor(
    private readonly reader: Reader,
    private readonly staging: StagingRepository,
    private readonly runs: RunsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async readChanged(context: RunContext): Promise<void> {
    const named =
      context.run.subjects.length > 0 ? { ids: context.run.subjects, cursor: null } : await this.named(context);
    if (named === null) {
      await this.becomeFull(context);
      return this.reader.readAll(context);
    }
    const { lease, organisationId, runId } = context;
    const now = this.clock.now();
    await lease.write(async (tx) => {
      await this.staging.empty(tx, organisationId, runId);
      await this.runs.setReadStarted(
        tx,
        organisationId,
        runId,
        now,
        named.cursor === null ? null : { delta: named.cursor },
      );
      // Marks that the staging is there: unlogged rows are gone after a crash of the database.
      await this.staging.markPartial(tx, organisationId, runId, now);
    });
    await this.reader.readNamed(context, named.ids);
    await lease.write((tx) => this.runs.setCoverage(tx, organisationId, runId, 'partial'));
  }

  /** Whom the delta names, and where the next one starts; null when a full read must follow. */
  private async named(context: RunContext): Promise<{ ids: string[]; cursor: string } | null> {
    const { connector } = directoryOf(context);
    let cursor = context.connection.cursor?.delta ?? null;
    if (cursor === null || !connector.capabilities.delta) return null;
    const ids = new Set<string>();
    try {
      for (;;) {
        const page = await connector.fetchDelta(cursor, context.lease.signal);
        if (page.everything) return null;
        for (const id of page.externalIds) ids.add(id);
        if (ids.size > MOST_NAMED) return null;
        if (page.done) return { ids: [...ids], cursor: page.nextCursor };
        cursor = page.nextCursor;
      }
    } catch (error) {
      if (error instanceof ConnectorError && error.failure === 'cursor_expired') return null;
      throw error;
    }
  }

  private async becomeFull(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    await lease.write((tx) => this.runs.becomeFull(tx, organisationId, runId));
    context.kind = 'full';
    context.partial = false;
  }
}
