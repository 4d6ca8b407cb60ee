import { describe, expect, it } from '@jest/globals';
import { inTurn } from './in-turn.js';

describe('each in turn', () => {
  it('one after the other, and adds up', async () => {
    const seen: number[] = [];
    const sum = await inTurn([3, 1, 2], (n) => {
      seen.push(n);
      return Promise.resolve(n);
    });
    expect([sum, seen]).toEqual([6, [3, 1, 2]]);
  });

  it('goes on past what fails, and then throws the first of it', async () => {
    const seen: number[] = [];
    const all = inTurn([1, 2, 3], (n) => {
      seen.push(n);
      return n === 3 ? Promise.resolve(1) : Promise.reject(new Error(`no ${n}`));
    });
    await expect(all).rejects.toThrow('no 1');
    expect(seen).toEqual([1, 2, 3]);
  });
});
