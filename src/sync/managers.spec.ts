import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { resolveManagers, type ManagerEdge } from './managers.js';

const edge = (personId: string, managerId: string | null): ManagerEdge => ({ personId, managerId });
const none = (): null => null;
const resolved = (edges: ManagerEdge[], now: Record<string, string> = {}) => {
  const { accepted, refused } = resolveManagers(edges, (id) => now[id] ?? null);
  return { accepted: accepted.map((one) => one.personId), refused: refused.map((one) => one.personId) };
};

describe('manager loops', () => {
  it('every edge of a loop is refused and listed with the loop', () => {
    const { accepted, refused } = resolveManagers(
      [edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('d', 'a')],
      none,
    );
    expect(accepted).toEqual([edge('d', 'a')]);
    expect(refused).toEqual([
      { ...edge('a', 'b'), loop: ['a', 'b', 'c'] },
      { ...edge('b', 'c'), loop: ['b', 'c', 'a'] },
      { ...edge('c', 'a'), loop: ['c', 'a', 'b'] },
    ]);
  });

  it('oneself is a loop', () => {
    expect(resolved([edge('a', 'a')])).toEqual({ accepted: [], refused: ['a'] });
  });

  it('a loop that closes through edges which stand refuses the new ones alone', () => {
    expect(resolved([edge('a', 'b')], { b: 'c', c: 'a' })).toEqual({ accepted: [], refused: ['a'] });
    expect(resolved([edge('a', null)], { b: 'c', c: 'a', a: 'b' })).toEqual({ accepted: ['a'], refused: [] });
  });

  it('who is refused keeps the manager they have, which may close another loop', () => {
    // a and c would form a loop; a then keeps b, so that b may not have a.
    const edges = [edge('a', 'c'), edge('c', 'a'), edge('b', 'a')];
    expect(resolved(edges, { a: 'b' })).toEqual({ accepted: [], refused: ['a', 'c', 'b'] });
  });

  it('loops that stand and that nobody touches are left alone', () => {
    expect(resolved([edge('x', 'a')], { a: 'b', b: 'a' })).toEqual({ accepted: ['x'], refused: [] });
  });

  it('never leaves a loop that was not there, whatever the order', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const proposal = fc.uniqueArray(
      fc.tuple(fc.constantFrom(...ids), fc.option(fc.constantFrom(...ids), { nil: null })),
      {
        selector: ([id]) => id,
      },
    );
    // Managers that stand form no loop: each stands later in the alphabet.
    const standing = fc.tuple(
      ...ids.map((_, i) => fc.option(fc.constantFrom(...ids.slice(i + 1), 'boss'), { nil: null })),
    );
    fc.assert(
      fc.property(proposal, standing, (pairs, now) => {
        const edges = pairs.map(([personId, managerId]) => edge(personId, managerId));
        const managers = new Map(ids.map((id, i) => [id, now[i] ?? null]));
        const verdict = resolveManagers(edges, (id) => managers.get(id) ?? null);
        const backwards = resolveManagers(edges.toReversed(), (id) => managers.get(id) ?? null);
        expect(new Set(backwards.accepted)).toEqual(new Set(verdict.accepted));
        for (const one of verdict.accepted) managers.set(one.personId, one.managerId);
        for (const id of ids) {
          let at: string | null = id;
          for (let steps = 0; at !== null; steps++) {
            expect(steps).toBeLessThanOrEqual(ids.length);
            at = managers.get(at) ?? null;
          }
        }
        expect(verdict.accepted.length + verdict.refused.length).toBe(edges.length);
      }),
    );
  });
});
