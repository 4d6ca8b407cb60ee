const FIRST_WAIT = 60_000;
const LONGEST_WAIT = 4 * 3_600_000;

/** A run starts up to so much earlier or later than its interval says. */
const JITTER = 0.1;

/**
 * How long to wait after so many failed runs in a row: doubling from a minute, full jitter in the upper half, four hours
 * at most; never less than the directory asked for.
 */
export function backOffMs(failures: number, retryAfterMs: number | null, random: number): number {
  const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures - 1, 20));
  return Math.max(retryAfterMs ?? 0, Math.round(most * (0.5 + random / 2)));
}

/** When the next run is due. Plain intervals of elapsed time: no zone and no daylight saving touches them. */
export function nextRunAt(now: Date, intervalMs: number, random: number): Date {
  return new Date(now.getTime() + Math.round(intervalMs * (1 - JITTER + 2 * JITTER * random)));
}
