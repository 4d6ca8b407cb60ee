/** Minutes to wait after each failed attempt: 1, 5, 15, 60, then four times six hours; about 25 hours in all. */
const WAITS = [1, 5, 15, 60, 360, 360, 360, 360];

/**
 * When a mail is tried again.
 *
 * @param attempts How often it was tried, at least 1.
 * @returns Null when that was the last time.
 */
export function nextTry(attempts: number, now: Date): Date | null {
  const minutes = WAITS[attempts - 1];
  return minutes === undefined ? null : new Date(now.getTime() + minutes * 60_000);
}
