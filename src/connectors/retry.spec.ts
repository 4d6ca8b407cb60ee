import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../common/clock.js';
import { ConnectorError } from './errors.js';
import { abortable, backOffMs, httpDate, type Patience, retryAfterMs, retrying, waitByTimer } from './retry.js';

const now = new Date('2026-03-01T12:00:00Z');
const never = new AbortController().signal;

function patience(random = 1): { patience: Patience; waited: number[] } {
  const waited: number[] = [];
  const clock = new ManualClock(now);
  const wait = (milliseconds: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    waited.push(milliseconds);
    clock.advance(milliseconds);
    return Promise.resolve();
  };
  return { patience: { clock, random: () => random, wait }, waited };
}

describe('F-03 Retry-After', () => {
  it.each([
    ['seconds', '120', 120_000],
    ['an HTTP date', 'Sun, 01 Mar 2026 12:02:00 GMT', 120_000],
    ['15 minutes', '900', 900_000],
    ['10 years', '315360000', 900_000],
    ['a date in 10 years', 'Fri, 01 Mar 2036 12:00:00 GMT', 900_000],
    ['nothing', null, null],
    ['zero', '0', null],
    ['less than zero', '-5', null],
    ['a date that is past', 'Sun, 01 Mar 2026 11:00:00 GMT', null],
    ['words', 'soon', null],
    ['a fraction', '1.5', null],
    ['no text at all', '', null],
    ['a number that is too large to be one', '9'.repeat(400), 900_000],
  ])('%s', (_name, header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });

  it('takes no other form of date, whatever the platform could parse', () => {
    expect(httpDate('2026-03-01')).toBeNaN();
    expect(httpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(784_111_777_000);
  });
});

describe('back-off', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [4, 8_000],
    [7, 60_000],
    [50, 60_000],
  ])('retry %i waits at most %i ms', (attempt, most) => {
    expect(backOffMs(attempt, 1)).toBe(most);
    expect(backOffMs(attempt, 0)).toBe(0);
  });

  it('has no retry number 0', () => {
    expect(() => backOffMs(0, 1)).toThrow(RangeError);
  });
});

describe('retrying', () => {
  const failing = (times: number, error: () => Error) => {
    let calls = 0;
    return {
      work: (): Promise<string> => {
        calls += 1;
        return calls <= times ? Promise.reject(error()) : Promise.resolve('done');
      },
      calls: () => calls,
    };
  };

  it('F-01 tries again after a passing failure', async () => {
    const { patience: patient, waited } = patience();
    const { work, calls } = failing(2, () => new ConnectorError('unavailable', 'Down.'));
    await expect(retrying(work, patient, never)).resolves.toBe('done');
    expect(calls()).toBe(3);
    expect(waited).toEqual([1_000, 2_000]);
  });

  it('F-02 gives up after five tries', async () => {
    const { patience: patient, waited } = patience();
    const { work, calls } = failing(99, () => new ConnectorError('unavailable', 'Down.'));
    await expect(retrying(work, patient, never)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(calls()).toBe(5);
    expect(waited).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  it('waits as told rather than by back-off', async () => {
    const { patience: patient, waited } = patience();
    const { work } = failing(1, () => new ConnectorError('throttled', 'Busy.', { retryAfterMs: 7_000 }));
    await retrying(work, patient, never);
    expect(waited).toEqual([7_000]);
  });

  it.each(['unauthorized', 'cursor_expired', 'bad_response'] as const)('never repeats %s', async (failure) => {
    const { patience: patient } = patience();
    const { work, calls } = failing(99, () => new ConnectorError(failure, 'No.'));
    await expect(retrying(work, patient, never)).rejects.toMatchObject({ failure });
    expect(calls()).toBe(1);
  });

  it('never repeats what is our own bug', async () => {
    const { patience: patient } = patience();
    const { work, calls } = failing(99, () => new TypeError('bug'));
    await expect(retrying(work, patient, never)).rejects.toBeInstanceOf(TypeError);
    expect(calls()).toBe(1);
  });

  it('stops at once when told, with the reason given', async () => {
    const stop = new AbortController();
    const reason = new Error('told to stop');
    const patient: Patience = { ...patience().patience, wait: waitByTimer };
    const work = (): Promise<never> =>
      Promise.reject(new ConnectorError('throttled', 'Busy.', { retryAfterMs: 900_000 }));
    const outcome = retrying(work, patient, stop.signal);
    stop.abort(reason);
    await expect(outcome).rejects.toBe(reason);
  });
});

describe('abortable', () => {
  it('leaves work behind that does not heed the signal', async () => {
    const stop = new AbortController();
    const reason = new Error('told to stop');
    const outcome = abortable(new Promise(() => undefined), stop.signal);
    stop.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    await expect(abortable(Promise.reject(new Error('late')), stop.signal)).rejects.toBe(reason);
  });

  it('gives what the work gives', async () => {
    await expect(abortable(Promise.resolve(7), never)).resolves.toBe(7);
  });
});
