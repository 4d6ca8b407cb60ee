import { jest } from '@jest/globals';
import { Interruption } from '../../src/runs/lease.js';

/** A worker that is gone at the n-th call of a method, within its transaction: nothing of that transaction stays. */
export function dieAt(of: object, method: string, call = 1): { fired: boolean } {
  const death = { fired: false };
  const methods = of as Record<string, (...given: unknown[]) => unknown>;
  const original = methods[method];
  if (original === undefined) throw new Error(`there is no ${method}`);
  let calls = 0;
  jest.spyOn(methods, method).mockImplementation(function (this: unknown, ...given: unknown[]) {
    calls += 1;
    if (calls === call) {
      death.fired = true;
      throw new Interruption('shutdown', 'killed by the test');
    }
    return original.apply(this, given);
  });
  return death;
}
