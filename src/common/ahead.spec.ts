import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { ahead } from './ahead.js';

describe('work that is begun ahead', () => {
  it('tells its failure to who awaits it later, and to nobody before', async () => {
    const heard: unknown[] = [];
    const hear = (reason: unknown): void => void heard.push(reason);
    process.on('unhandledRejection', hear);
    const failing = ahead(Promise.reject(new Error('broken')));
    await turn();
    await turn();
    process.off('unhandledRejection', hear);
    expect(heard).toEqual([]);
    await expect(failing).rejects.toThrow('broken');
  });

  it('gives its result', async () => {
    await expect(ahead(Promise.resolve(7))).resolves.toBe(7);
  });
});
