import { Injectable } from '@nestjs/common';
import { MirrorRepository } from './mirror.repository.js';
import { Prober } from './probing.js';
import { Reader } from './reading.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { StagingRepository } from './staging.repository.js';
import { StatisticsRepository } from './statistics.repository.js';

/** Longest time of the set operations over a whole read, milliseconds. */
const WHOLE_READ_WITHIN = 300_000;

/** After the read: is it whole, does it agree with itself, and which records are to be decided? */
@Injectable()
export class Verifier {
  constructor(
    private readonly prober: Prober,
    private readonly reader: Reader,
    private readonly staging: StagingRepository,
    private readonly mirror: MirrorRepository,
    private readonly runs: RunsRepository,
    private readonly statistics: StatisticsRepository,
  ) {}

  async verify(context: RunContext): Promise<void> {
    const { lease, organisationId, connectionId, runId } = context;
    await lease.write((tx) => this.runs.setPhase(tx, organisationId, runId, 'verify'));
    if (!context.partial) await this.prober.probeAgain(context);
    await this.settleContradictions(context);
    await lease.write(
      async (tx) => {
        const read = await this.staging.counts(tx, organisationId, runId);
        await this.statistics.lookAt(tx, read.toDecide, 'staged_record');
        await this.staging.makeRoom(tx);
        await this.staging.dropOvertaken(tx, organisationId, connectionId, runId);
        if (context.partial) await this.staging.stageUnsettled(tx, organisationId, connectionId, runId);
        else await this.staging.stageAbsent(tx, organisationId, connectionId, runId);
        await this.mirror.stageAwaiting(tx, organisationId, connectionId, runId);
        const { toDecide } = await this.staging.counts(tx, organisationId, runId);
        await this.runs.setProgress(tx, organisationId, runId, { toDecide });
        await this.statistics.lookAt(tx, toDecide - read.toDecide, 'staged_record');
      },
      { timeoutMs: WHOLE_READ_WITHIN },
    );
  }

  /** Row 15: one external id twice with different content is read directly, and that decides. */
  private async settleContradictions(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    const twice = await lease.read((tx) => this.staging.contradictions(tx, organisationId, runId), {
      timeoutMs: WHOLE_READ_WITHIN,
    });
    if (twice.length === 0) return;
    await lease.write((tx) => this.staging.markContradicted(tx, organisationId, runId, twice));
    await this.reader.readNamed(context, twice);
  }
}
