import { Inject, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type Config } from '../config/config.types.js';
import type { Reading } from '../connectors/connector.js';
import { readDirectory } from '../connectors/read-directory.js';
import { Backlog } from './backlog.js';
import { EvidenceRepository, type EvidenceRow } from './evidence.repository.js';
import { judgeSeen, type Seen, seenOnPage, seenRecord, type StagedRow } from './observing.js';
import { directoryOf, type RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import type { Progress } from './runs.types.js';
import { StagingRepository } from './staging.repository.js';

/** A read is resumed only while its first page is younger than this, milliseconds; else it starts anew. */
const RESUMABLE_FOR = 60 * 60_000;

/** Direct reads under way at once. */
const DIRECT_AT_ONCE = 4;

/** Direct reads that are stored together. */
const DIRECT_CHUNK = 100;

/** Records that may wait to be stored before the directory is asked for more. */
const MOST_UNSTORED = 5_000;

/** A sample of the faults of objects without an id. */
const FAULTS_KEPT = 50;

/** Reads a directory into the staging tables: every page, or single people by name. */
@Injectable()
export class Reader {
  constructor(
    private readonly staging: StagingRepository,
    private readonly evidence: EvidenceRepository,
    private readonly runs: RunsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'directory'>,
  ) {}

  /** Pages in, one after another, from where an earlier worker stopped. Complete when it returns. */
  async readAll(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    const { connector, hashVersion } = directoryOf(context);
    const progress = await this.resumeOrBegin(context);
    if (progress.done) return;
    const { maxPages, maxRecords } = this.config.directory;
    const read = readDirectory(connector, {
      signal: lease.signal,
      resume: progress.resume,
      limits: { pages: maxPages, records: maxRecords },
    });
    const pages = new Backlog<SeenPage>(
      MOST_UNSTORED,
      ({ seen }) => seen.length,
      (gathered) => this.storePages(context, gathered, progress),
    );
    try {
      for await (const event of read) {
        if (event.kind === 'restarted') {
          await pages.empty();
          await this.begin(context);
          progress.told = {};
        } else {
          const { number, page } = event;
          const { nextCursor, observedAt } = page;
          const { records } = read;
          await pages.add({ number, nextCursor, records, observedAt, ...seenOnPage(page, hashVersion) });
        }
      }
    } finally {
      // What came before a fault is kept, and the next try goes on behind it.
      await pages.empty();
    }
    if (read.coverage !== 'complete') throw new TypeError('a read ended before its end marker');
    await lease.write((tx) => this.runs.setCoverage(tx, organisationId, runId, 'complete'));
  }

  /** Reads people directly, at most four at once; each answer is staged as evidence in its own right. */
  async readNamed(context: RunContext, externalIds: readonly string[]): Promise<void> {
    for (let start = 0; start < externalIds.length; start += DIRECT_CHUNK) {
      const readings = await this.readDirectly(context, externalIds.slice(start, start + DIRECT_CHUNK));
      await context.lease.write(async (tx) => {
        const { organisationId, connectionId, runId } = context;
        await this.staging.storeRecords(tx, organisationId, runId, this.found(context, readings), 'direct');
        const missing = readings.flatMap(([externalId, reading]): EvidenceRow[] =>
          reading.kind === 'missing'
            ? [
                {
                  externalId,
                  verdict: reading.positive ? 'deleted' : 'missing',
                  because: null,
                  observedAt: reading.observedAt,
                },
              ]
            : [],
        );
        await this.evidence.store(tx, organisationId, runId, missing);
        await this.evidence.stageMissing(
          tx,
          organisationId,
          connectionId,
          runId,
          missing.map((row) => row.externalId),
        );
      });
    }
  }

  /** What the directory says of each of these people now. */
  async readDirectly(context: RunContext, externalIds: readonly string[]): Promise<[string, Reading][]> {
    const { connector } = directoryOf(context);
    const limit = pLimit(DIRECT_AT_ONCE);
    return Promise.all(
      externalIds.map((externalId) =>
        limit(async (): Promise<[string, Reading]> => {
          context.lease.signal.throwIfAborted();
          return [externalId, await connector.readOne(externalId, context.lease.signal)];
        }),
      ),
    );
  }

  /** Empties the staging and marks when this read began. */
  async begin(context: RunContext): Promise<void> {
    const { connector } = directoryOf(context);
    const now = this.clock.now();
    // Taken before the first page, so that the delta after this read misses nothing.
    const delta = context.kind === 'full' ? await connector.deltaStart(now, context.lease.signal) : null;
    await context.lease.write(async (tx) => {
      await this.staging.empty(tx, context.organisationId, context.runId);
      await this.runs.setReadStarted(tx, context.organisationId, context.runId, now, { delta });
    });
  }

  private async resumeOrBegin(context: RunContext): Promise<ReadProgress> {
    const { run, lease, organisationId, runId } = context;
    const last = await lease.read((tx) => this.staging.lastPage(tx, organisationId, runId));
    const age = run.readStartedAt === null ? Infinity : this.clock.now().getTime() - run.readStartedAt.getTime();
    if (last === null || last.page !== (run.progress.pages ?? 0) || age >= RESUMABLE_FOR) {
      await this.begin(context);
      return { done: false, resume: null, told: {} };
    }
    if (last.nextCursor === null) return { done: true, resume: null, told: run.progress };
    return {
      done: false,
      resume: { cursor: last.nextCursor, pages: last.page, records: last.records },
      told: run.progress,
    };
  }

  /** Pages that came while the ones before were being stored go together. */
  private async storePages(context: RunContext, pages: SeenPage[], progress: ReadProgress): Promise<void> {
    const { organisationId, connectionId, runId } = context;
    const directory = directoryOf(context);
    const first = pages[0];
    const last = pages.at(-1);
    if (first === undefined || last === undefined) return;
    const seen = pages.flatMap((page) => page.seen);
    const faults = pages.flatMap((page) => page.faults);
    const { told } = progress;
    const known: Progress = {
      pages: last.number,
      records: last.records,
      requests: directory.connector.requests,
      unknown: (told.unknown ?? 0) + faults.length,
      faults: [...(told.faults ?? []), ...faults].slice(0, FAULTS_KEPT),
    };
    await context.lease.write(
      async (tx) => {
        const differing = await this.staging.storePage(tx, organisationId, connectionId, runId, {
          page: last.number,
          externalIds: seen.map((one) => one.externalId),
          hashes: seen.map((one) => one.hash),
          observedAt: first.observedAt,
          nextCursor: last.nextCursor,
          progress: known,
        });
        const rows = new Map<string, StagedRow>();
        for (const at of differing) {
          const one = seen[at];
          if (one) rows.set(one.externalId, judgeSeen(one, directory.employed));
        }
        await this.staging.storeRecords(tx, organisationId, runId, [...rows.values()], 'page');
        known.differing = (told.differing ?? 0) + rows.size;
      },
      { awaitDisk: false },
    );
    progress.told = known;
  }

  private found(context: RunContext, readings: [string, Reading][]): StagedRow[] {
    const { hashVersion, employed } = directoryOf(context);
    return readings.flatMap(([externalId, reading]) => {
      if (reading.kind !== 'found') return [];
      const { record, observedAt } = reading;
      return [judgeSeen({ ...seenRecord(record, observedAt, hashVersion), externalId }, employed)];
    });
  }
}

interface SeenPage {
  number: number;
  nextCursor: string | null;
  /** Read so far, this page included. */
  records: number;
  /** When the request for it began. */
  observedAt: Date;
  seen: Seen[];
  /** Of objects without an id. */
  faults: string[];
}

interface ReadProgress {
  /** The last page was stored already; what is left is to go on. */
  done: boolean;
  resume: { cursor: string; pages: number; records: number } | null;
  told: Progress;
}
