import { Injectable } from '@nestjs/common';
import type { Reading as DirectReading } from '../connectors/connector.js';
import { guard } from '../sync/guard.js';
import { isLeaver } from '../sync/standing.js';
import { EvidenceRepository, type EvidenceRow } from './evidence.repository.js';
import { Guard } from './guarding.js';
import { HoldsRepository } from './holds.repository.js';
import { Reader } from './reading.js';
import { directoryOf, type RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';

/** People who are asked for between two looks at lease and progress. */
const CHUNK = 100;

/** Bulk evidence is asked for from this long before the last complete read, so that nothing falls between. */
const OVERLAP = 24 * 3_600_000;

/** How far back bulk evidence goes when there was no complete read. */
const FARTHEST = 30 * 24 * 3_600_000;

/**
 * Confirms each absence: positive evidence in bulk first, direct reads for the rest. Where so many are missing that they
 * will be held anyway, nobody is asked for before an admin approves: that would cost the customer's quota for nothing.
 */
@Injectable()
export class Witness {
  constructor(
    private readonly evidence: EvidenceRepository,
    private readonly holds: HoldsRepository,
    private readonly reader: Reader,
    private readonly guards: Guard,
    private readonly runs: RunsRepository,
  ) {}

  async confirm(context: RunContext): Promise<void> {
    const { lease, organisationId, connectionId, runId } = context;
    const { absent } = await lease.read((tx) => this.evidence.absentPeople(tx, organisationId, connectionId, runId));
    if (absent === 0) return;
    // Comes while the directory is asked.
    void this.guards.base(context);
    await this.readBulkEvidence(context);
    const input = await this.guards.input(context, { absent });
    const held = guard(input, directoryOf(context).policy).removals === 'hold';
    const approved = await lease.read((tx) => this.holds.approvedRecords(tx, organisationId, connectionId));
    if (held) await this.askApproved(context, approved);
    else await this.askEverybody(context);
  }

  private async readBulkEvidence(context: RunContext): Promise<void> {
    const { lease, connection, run, organisationId, runId } = context;
    const { connector } = directoryOf(context);
    const started = run.readStartedAt ?? run.askedAt;
    const since = new Date(
      connection.lastFullAt === null ? started.getTime() - FARTHEST : connection.lastFullAt.getTime() - OVERLAP,
    );
    for await (const evidence of connector.leavers(since, lease.signal)) {
      const rows = evidence.map((one): EvidenceRow => ({ ...one, because: null }));
      await lease.write((tx) => this.evidence.storeOfAbsent(tx, organisationId, runId, rows));
    }
  }

  private async askEverybody(context: RunContext): Promise<void> {
    await this.ask(context, () => true);
  }

  /** Whom nobody approved yet is not asked for: `unasked` keeps them in the hold. */
  private async askApproved(context: RunContext, approved: ReadonlySet<string>): Promise<void> {
    await this.ask(context, (externalId) => approved.has(externalId));
  }

  private async ask(context: RunContext, wanted: (externalId: string) => boolean): Promise<void> {
    const { lease, organisationId, connectionId, runId } = context;
    let confirmed = 0;
    for (let after = ''; ;) {
      const from = after;
      const chunk = await lease.read((tx) =>
        this.evidence.unconfirmed(tx, organisationId, connectionId, runId, from, CHUNK),
      );
      if (chunk.length === 0) return;
      after = chunk.at(-1) ?? after;
      const answers = await this.reader.readDirectly(context, chunk.filter(wanted));
      const now = context.run.readStartedAt ?? context.run.askedAt;
      const unasked = chunk
        .filter((externalId) => !wanted(externalId))
        .map((externalId): EvidenceRow => ({ externalId, verdict: 'unasked', because: null, observedAt: now }));
      const missedBefore = await lease.read((tx) =>
        this.evidence.missedBefore(tx, organisationId, connectionId, chunk, this.intervalAgo(context)),
      );
      confirmed += answers.length;
      await lease.write(async (tx) => {
        const rows = answers.map(([externalId, reading]) => this.verdictOf(context, externalId, reading, missedBefore));
        await this.evidence.store(tx, organisationId, runId, [...rows, ...unasked]);
        await this.runs.setProgress(tx, organisationId, runId, { confirmed });
      });
    }
  }

  /** A bare 404 is evidence only when an earlier complete read, at least an interval ago, missed the record as well. */
  private intervalAgo(context: RunContext): Date {
    const started = context.run.readStartedAt ?? context.run.askedAt;
    return new Date(started.getTime() - directoryOf(context).intervalMs * 0.8);
  }

  private verdictOf(
    context: RunContext,
    externalId: string,
    reading: DirectReading,
    missedBefore: ReadonlySet<string>,
  ): EvidenceRow {
    const { observedAt } = reading;
    if (reading.kind === 'unknown') return { externalId, verdict: 'unknown', because: reading.because, observedAt };
    if (reading.kind === 'missing') {
      const verdict = reading.positive ? 'deleted' : missedBefore.has(externalId) ? 'missed_twice' : 'missing';
      return { externalId, verdict, because: null, observedAt };
    }
    const { status, scope } = reading.record;
    if (isLeaver(status, directoryOf(context).policy))
      return { externalId, verdict: 'not_employed', because: status, observedAt };
    if (!scope.in) return { externalId, verdict: 'out_of_scope', because: scope.because, observedAt };
    return { externalId, verdict: 'present', because: null, observedAt };
  }
}
