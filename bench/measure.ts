import { BenchDirectory, type Provider } from './directory.ts';
import { measureFloor, type Listing } from './floor.ts';
import { RowCounter } from './rows.ts';
import { BenchService, type BenchConnection, type Run } from './service.ts';
import type { Measure, Measured } from './targets.ts';
import { measureWriting } from './writing.ts';

const CHURN = 0.01;
const DELTA_PEOPLE = 100;
const ROUNDS = 3;

export interface Course {
  provider: Provider;
  people: number;
  latencies: readonly number[];
  databaseUrl: string | null;
  say: (line: string) => void;
}

/** One directory and one service, from the first import to a delta, at each latency with an organisation of its own. */
export async function measureCourse(course: Course): Promise<Measured[]> {
  await using directory = await BenchDirectory.start(course.provider, course.people);
  const service = new BenchService(directory, course.databaseUrl);
  let rows: RowCounter | null = null;
  try {
    await service.start();
    rows = await RowCounter.open(service.databaseUrl());
    const measured: Measured[] = [];
    for (const latency of course.latencies) {
      const bench = new Bench(course, latency, directory, service, rows, await service.connect(directory));
      measured.push(...(await bench.run()));
    }
    const writingMs = await measureWriting(service.databaseUrl());
    course.say(
      `${course.provider}, ${course.people} people, the rows of a first import by PostgreSQL alone: ${Math.round(writingMs ?? 0)} ms`,
    );
    return measured.map((one) => (one.measure === 'import' ? { ...one, writingMs } : one));
  } finally {
    await rows?.close();
    await service.close();
  }
}

class Bench {
  private readonly course: Course;
  private readonly latency: number;
  private readonly directory: BenchDirectory;
  private readonly service: BenchService;
  private readonly rows: RowCounter;
  private readonly connection: BenchConnection;
  /** As the service asked for it in the preview. */
  private listing: Listing = { firstUrl: '', headers: {}, next: 'link' };

  constructor(
    course: Course,
    latency: number,
    directory: BenchDirectory,
    service: BenchService,
    rows: RowCounter,
    connection: BenchConnection,
  ) {
    this.course = course;
    this.latency = latency;
    this.directory = directory;
    this.service = service;
    this.rows = rows;
    this.connection = connection;
  }

  async run(): Promise<Measured[]> {
    const { directory, connection } = this;
    await directory.control({ op: 'latency', ms: 0 });
    await directory.requests();
    const shown = await connection.preview();
    this.listing = await directory.listing();
    await directory.control({ op: 'latency', ms: this.latency });
    // The directory makes the text of its pages once; that is no part of anybody's time.
    await measureFloor(this.listing);
    const floorMs = await this.floor();

    await this.rows.since();
    const measured = [await this.timed('import', floorMs, 1, () => connection.confirm(shown))];
    measured.push(await this.timed('unchanged', await this.floor(), this.rounds, () => connection.resync()));
    // Before the churn, whose changes a delta would read once more because they are only just over.
    if (this.course.provider === 'okta') {
      const last = await connection.resync();
      await this.rows.since();
      await directory.control({ op: 'edit', who: Math.min(DELTA_PEOPLE, Math.floor(this.course.people / 10)) });
      measured.push(
        await this.timed('delta', await this.floor(), 1, async () => {
          await this.rows.makeDue(connection.id);
          const run = await connection.scheduled(last);
          if (run.kind !== 'delta') throw new Error(`the schedule asked for a ${run.kind} run instead of a delta`);
          return run;
        }),
      );
    }
    await directory.control({ op: 'churn', share: CHURN });
    const churned = await this.floor();
    measured.push(await this.timed('churn', churned, 1, () => connection.resync()));
    return measured;
  }

  /** Where every page waits, nothing else matters, and once is enough. */
  private get rounds(): number {
    return this.latency > 0 && this.course.people > 10_000 ? 1 : ROUNDS;
  }

  private async floor(): Promise<number> {
    const times: number[] = [];
    for (let round = 0; round < this.rounds; round += 1) times.push((await measureFloor(this.listing)).ms);
    return median(times);
  }

  /** A run, as often as told: the median of the times that it says itself, and what it cost each time. */
  private async timed(measure: Measure, floorMs: number, rounds: number, work: () => Promise<Run>): Promise<Measured> {
    await this.directory.requests();
    this.service.resetPeak();
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(timeOf(await work()));
    const ms = median(times);
    const peakBytes = this.service.peak();
    const requests = Math.round((await this.directory.requests()) / rounds);
    const { total, business } = await this.rows.since();
    const { provider, people } = this.course;
    this.course.say(`${provider}, ${people} people, ${this.latency} ms per page, ${measure}: ${Math.round(ms)} ms`);
    return {
      provider,
      people,
      latency: this.latency,
      measure,
      ms,
      floorMs,
      ratio: ms / floorMs,
      requests,
      rows: Math.round(total / rounds),
      businessRows: Math.round(business / rounds),
      peakBytes,
      writingMs: null,
    };
  }
}

/** From when a worker took it to when it was over. */
function timeOf({ startedAt, finishedAt }: Run): number {
  if (startedAt === null || finishedAt === null) throw new Error('a run that is over has no times');
  return Date.parse(finishedAt) - Date.parse(startedAt);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
