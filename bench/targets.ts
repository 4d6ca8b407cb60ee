/** What is measured. */
export type Measure = 'import' | 'unchanged' | 'churn' | 'delta';

export interface Result {
  provider: string;
  people: number;
  /** What each answer of the directory waits, milliseconds. */
  latency: number;
  measure: Measure;
  ms: number;
  floorMs: number;
  /** Time by the floor's, which was measured in the same run. */
  ratio: number;
  requests: number;
  /** Null where it was not counted. */
  rows: number | null;
  businessRows: number | null;
  peakBytes: number | null;
  /** Of a first import: what PostgreSQL alone takes to write its rows. */
  writingMs: number | null;
  verdicts: Verdict[];
}

/** A target and what came of it: `missed` by less than twice, or `failed`. */
export interface Verdict {
  what: string;
  value: number;
  target: number;
  outcome: 'met' | 'missed' | 'failed';
}

export type Measured = Omit<Result, 'verdicts'>;

const MIB = 1024 * 1024;

/** Targets are for directories of this size; smaller ones are measured for comparison. */
export const TARGET_PEOPLE = 100_000;
const BASE_PEOPLE = 1_000;

/** Most of the floor's time that a run may take, by what each page waits. */
const RATIOS: Partial<Record<Measure, Record<number, number>>> = {
  import: { 0: 4, 100: 1.3 },
  unchanged: { 0: 1.5, 100: 1.1 },
};
const CHURN_BY_UNCHANGED = 1.3;
const DELTA_REQUESTS = 110;
const PEAK_ABOVE_BASE = 64 * MIB;

/** Holds results against the targets that they have. */
export function judge(measured: readonly Measured[]): Result[] {
  return measured.map((one) => ({ ...one, verdicts: [...verdictsOf(one, measured)] }));
}

function* verdictsOf(one: Measured, all: readonly Measured[]): Generator<Verdict> {
  const alike = all.filter(({ provider, latency }) => provider === one.provider && latency === one.latency);
  if (one.measure === 'delta') yield verdict('requests', one.requests, DELTA_REQUESTS);
  if (one.measure === 'unchanged' && one.businessRows !== null) yield verdict('business rows', one.businessRows, 0);
  if (one.people !== TARGET_PEOPLE) return;
  const ratio = RATIOS[one.measure]?.[one.latency];
  if (ratio !== undefined) yield verdict('× floor', one.ratio, ratio);
  const unchanged = alike.find(({ measure, people }) => measure === 'unchanged' && people === one.people);
  if (one.measure === 'churn' && unchanged) yield verdict('× unchanged', one.ms / unchanged.ms, CHURN_BY_UNCHANGED);
  const base = alike.find(({ measure, people }) => measure === one.measure && people === BASE_PEOPLE);
  if (one.peakBytes !== null && base !== undefined && base.peakBytes !== null)
    yield verdict('MiB above 1,000', (one.peakBytes - base.peakBytes) / MIB, PEAK_ABOVE_BASE / MIB);
}

function verdict(what: string, value: number, target: number): Verdict {
  const outcome = value <= target ? 'met' : value < 2 * target ? 'missed' : 'failed';
  return { what, value, target, outcome };
}
