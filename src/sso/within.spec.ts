import { describe, expect, it, jest } from '@jest/globals';
import { within } from './within.js';

describe('O-61: all that a provider is asked in one sign-in', () => {
  it('is what it is when it is in time', async () => {
    await expect(within(10_000, Promise.resolve('here'))).resolves.toBe('here');
    await expect(within(10_000, Promise.reject(new Error('its own')))).rejects.toThrow('its own');
  });

  it('is given up when it is not, and what comes later harms nobody', async () => {
    jest.useFakeTimers();
    let fail: (error: Error) => void = () => undefined;
    const never = new Promise<never>((_done, rejected) => (fail = rejected));
    const given = expect(within(10_000, never)).rejects.toMatchObject({ because: 'provider_slow' });
    jest.advanceTimersByTime(10_000);
    await given;
    jest.useRealTimers();
    fail(new Error('late'));
    await expect(never).rejects.toThrow('late');
  });
});
