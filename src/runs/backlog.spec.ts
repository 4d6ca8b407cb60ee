import { describe, expect, it } from '@jest/globals';
import { Backlog } from './backlog.js';

const TURN = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Takes items only when it is told to. */
function slowTaker(limit: number): { backlog: Backlog<string>; taken: string[][]; finish: () => void } {
  const taken: string[][] = [];
  let finish: () => void = () => undefined;
  const backlog = new Backlog<string>(
    limit,
    (item) => item.length,
    (items) => {
      taken.push(items);
      return new Promise((resolve) => (finish = resolve));
    },
  );
  return { backlog, taken, finish: () => finish() };
}

describe('Backlog', () => {
  it('hands on at once what comes first, and together what came meanwhile, in order', async () => {
    const { backlog, taken, finish } = slowTaker(100);
    await backlog.add('a');
    await TURN();
    await backlog.add('b');
    await backlog.add('c');
    expect(taken).toEqual([['a']]);
    finish();
    await TURN();
    expect(taken).toEqual([['a'], ['b', 'c']]);
    finish();
    await backlog.empty();
  });

  it('lets whoever adds wait while too much has gathered', async () => {
    const { backlog, taken, finish } = slowTaker(3);
    await backlog.add('a');
    await TURN();
    let added = false;
    const adding = backlog.add('bcd').then(() => (added = true));
    await TURN();
    expect(added).toBe(false);
    finish();
    await adding;
    expect(taken).toEqual([['a'], ['bcd']]);
    finish();
    await backlog.empty();
  });

  it('tells a fault of taking to whoever adds next or empties, and takes nothing more', async () => {
    const taken: string[] = [];
    const backlog = new Backlog<string>(
      10,
      () => 1,
      (items) => {
        taken.push(...items);
        return Promise.reject(new Error('full'));
      },
    );
    await backlog.add('a');
    await expect(backlog.empty()).rejects.toThrow('full');
    await expect(backlog.add('b')).rejects.toThrow('full');
    expect(taken).toEqual(['a']);
  });
});
