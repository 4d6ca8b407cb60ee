import { describe, expect, it } from '@jest/globals';
import { OUTBOUND_DEFAULTS } from '../src/common/guarded-http.js';
import { loadConfig } from '../src/config/load-config.js';
import { PolicyChange, QuotaShare, ScheduleChange } from '../src/connections/settings.js';
import { backOffMs, RETRY, retryAfterMs } from '../src/connectors/retry.js';
import {
  defaultPolicy,
  HOLD_ASKS_AGAIN_MS,
  RELINK_WINDOW_MS,
  REMOVAL_WINDOW_MS,
  SETTING_RANGES,
  VERDICT_WINDOW_MS,
} from '../src/sync/policy.js';

const HOUR = 3_600_000;
const config = loadConfig({ ROLLCALL_ENV: 'test' });

/** Whether a value is taken for a variable of the configuration. */
function takes(name: string, value: number): boolean {
  try {
    loadConfig({ ROLLCALL_ENV: 'test', [name]: String(value) });
    return true;
  } catch {
    return false;
  }
}

/** The ends of a range are in it, what is beyond them is not. */
function ends(accepts: (value: number) => boolean, least: number, most: number): boolean[] {
  return [accepts(least - 1), accepts(least), accepts(most), accepts(most + 1)];
}
const WITHIN = [false, true, true, false];

describe('the fixed numbers', () => {
  it('DIR_HTTP: connect 5 s, first byte 30 s, page 60 s and 16 MiB, 10 000 pages, 2 000 000 records', () => {
    expect(config.outbound).toMatchObject({
      connectTimeoutMs: 5_000,
      firstByteTimeoutMs: 30_000,
      pageTimeoutMs: 60_000,
      bodyLimitBytes: 16 * 1024 * 1024,
    });
    expect(OUTBOUND_DEFAULTS).toEqual({
      ...OUTBOUND_DEFAULTS,
      connectTimeoutMs: 5_000,
      firstByteTimeoutMs: 30_000,
      pageTimeoutMs: 60_000,
      bodyLimitBytes: 16 * 1024 * 1024,
    });
    expect(config.directory).toEqual({ maxPages: 10_000, maxRecords: 2_000_000 });
  });

  it('REMOVAL_LIMIT: 5 % a run and 10 % in 24 hours, 1 to 50, never off', () => {
    expect([defaultPolicy.removalLimitRun, defaultPolicy.removalLimitDay]).toEqual([5, 10]);
    expect(REMOVAL_WINDOW_MS).toBe(24 * HOUR);
    for (const name of ['removalLimitRun', 'removalLimitDay'] as const) {
      expect(ends((value) => PolicyChange.safeParse({ [name]: value }).success, 1, 50)).toEqual(WITHIN);
      for (const off of [0, null, false, 'off', Infinity, Number.NaN, 5.5])
        expect([name, off, PolicyChange.safeParse({ [name]: off }).success]).toEqual([name, off, false]);
    }
  });

  it('GRACE: nobody is erased unless the organisation says after how long, from 7 days', () => {
    expect(SETTING_RANGES.eraseAfterDays).toEqual({ default: null, min: 7, max: 3650 });
  });

  it('CLOCK_SKEW: 60 s; ID_TOKEN_MAX_AGE: 10 min; IDP_HTTP: connect 5 s, whole exchange 10 s', () => {
    expect(config.identityProviders).toEqual({
      clockSkewSeconds: 60,
      idTokenMaxAgeMinutes: 10,
      connectTimeoutMs: 5_000,
      wholeTimeoutMs: 10_000,
      allowedHosts: [],
      insecureLoopback: false,
    });
  });

  it('LOGIN_TX_TTL: 10 min, at most 8 open per browser', () => {
    expect(config.signIn).toMatchObject({ attemptMinutes: 10, attemptsPerBrowser: 8 });
  });

  it('SESSION: 30 min without activity, 12 h at most, 10 min fresh', () => {
    expect(config.session).toEqual({ idleMinutes: 30, absoluteHours: 12, setUpHours: 4, freshMinutes: 10 });
  });

  it('INVITE_TTL: 7 days; 50 by hand an hour, 500 a day, 3 to one address a day; of imports 20 a minute', () => {
    expect(config.invitations).toEqual({
      ttlHours: 7 * 24,
      perHour: 50,
      perDay: 500,
      perRecipientPerDay: 3,
      resendMinutes: 10,
      importPerMinute: 20,
    });
  });

  it('CSV: 250,000 rows, 100 MiB, 64 columns, 64 KiB a field; the file is gone after a day', () => {
    expect(config.imports).toEqual({
      bytes: 100 * 1024 * 1024,
      rows: 250_000,
      columns: 64,
      fieldBytes: 64 * 1024,
      fileHours: 24,
      uploadWithinMs: 600_000,
    });
  });

  it('HOLD_TTL: 72 h', () => {
    expect(HOLD_ASKS_AGAIN_MS).toBe(72 * HOUR);
  });

  it('RETRY: 5 attempts, 1 s, doubled, full jitter, at most 60 s; Retry-After up to 15 min', () => {
    expect(RETRY).toEqual({ attempts: 5, baseMs: 1_000, factor: 2, capMs: 60_000, retryAfterCapMs: 900_000 });
    expect([1, 2, 3, 4, 7, 50].map((attempt) => backOffMs(attempt, 0.999999))).toEqual([
      999, 1999, 3999, 7999, 59999, 59999,
    ]);
    expect([1, 4, 50].map((attempt) => backOffMs(attempt, 0))).toEqual([0, 0, 0]);
    expect(['900', '901', '999999'].map((text) => retryAfterMs(text, new Date(0)))).toEqual([
      900_000, 900_000, 900_000,
    ]);
  });

  it('API: 1 MiB of JSON, 32 deep', () => {
    expect(config.server).toMatchObject({ bodyLimitBytes: 1_048_576, jsonDepth: 32 });
  });

  it.each([
    ['ROLLCALL_SERVER_BODY_LIMIT_BYTES', 1_024, 16_777_216],
    ['ROLLCALL_SERVER_JSON_DEPTH', 4, 128],
    ['ROLLCALL_SERVER_JSON_ARRAY_LENGTH', 100, 99_999],
    ['ROLLCALL_SERVER_HEAD_WITHIN_MS', 100, 60_000],
    ['ROLLCALL_SERVER_REQUEST_WITHIN_MS', 100, 120_000],
    ['ROLLCALL_OUTBOUND_CONNECT_TIMEOUT_MS', 100, 60_000],
    ['ROLLCALL_OUTBOUND_FIRST_BYTE_TIMEOUT_MS', 100, 300_000],
    ['ROLLCALL_OUTBOUND_PAGE_TIMEOUT_MS', 100, 600_000],
    ['ROLLCALL_OUTBOUND_BODY_LIMIT_BYTES', 1_024, 268_435_456],
    ['ROLLCALL_DIRECTORY_MAX_PAGES', 1, 100_000],
    ['ROLLCALL_DIRECTORY_MAX_RECORDS', 1, 10_000_000],
    ['ROLLCALL_SCHEDULE_PARALLEL_RUNS', 1, 64],
    ['ROLLCALL_IDENTITY_PROVIDERS_CLOCK_SKEW_SECONDS', 0, 300],
    ['ROLLCALL_IDENTITY_PROVIDERS_ID_TOKEN_MAX_AGE_MINUTES', 1, 60],
    ['ROLLCALL_SIGN_IN_ATTEMPT_MINUTES', 1, 30],
    ['ROLLCALL_SESSION_IDLE_MINUTES', 5, 720],
    ['ROLLCALL_SESSION_ABSOLUTE_HOURS', 1, 24],
    ['ROLLCALL_SESSION_FRESH_MINUTES', 1, 60],
    ['ROLLCALL_INVITATIONS_TTL_HOURS', 1, 720],
    ['ROLLCALL_INVITATIONS_IMPORT_PER_MINUTE', 1, 600],
    ['ROLLCALL_IMPORTS_FILE_HOURS', 1, 24],
    ['ROLLCALL_IMPORTS_ROWS', 1, 1_000_000],
    ['ROLLCALL_LIMITS_FAILURES_PER_MINUTE', 1, 10_000],
  ])('%s is taken from %i to %i', (name, least, most) => {
    expect(ends((value) => takes(name, value), least, most)).toEqual(WITHIN);
  });

  it('an interval is 5 minutes to a day, a full read at least daily, a share of the quota 1 to 90 %', () => {
    for (const name of ['intervalMinutes', 'fullReadMinutes'])
      expect(ends((value) => ScheduleChange.safeParse({ [name]: value }).success, 5, 1_440)).toEqual(WITHIN);
    expect(ends((value) => QuotaShare.safeParse(value).success, 1, 90)).toEqual(WITHIN);
    expect(SETTING_RANGES.intervalSeconds.default).toBe(3_600);
    expect(SETTING_RANGES.fullReadSeconds.default).toBe(86_400);
  });

  it('a lease is 60 s and is renewed every 15', () => {
    expect(config.schedule).toMatchObject({ leaseMs: 60_000, renewEveryMs: 15_000 });
    expect(takes('ROLLCALL_SCHEDULE_RENEW_EVERY_MS', 30_000)).toBe(true);
    expect(takes('ROLLCALL_SCHEDULE_RENEW_EVERY_MS', 30_001)).toBe(false);
  });

  it('an old link and an old verdict count for 30 days', () => {
    expect([RELINK_WINDOW_MS, VERDICT_WINDOW_MS]).toEqual([30 * 24 * HOUR, 30 * 24 * HOUR]);
  });
});
