import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { resolveExchanges, type AddressMove } from './exchanges.js';

const move = (id: string, from: string | null, to: string, holderId: string | null): AddressMove => ({
  id,
  from,
  to,
  holderId,
});
const swap = [move('ana', 'a@', 'b@', 'ivo'), move('ivo', 'b@', 'a@', 'ana')];

describe('row 18: exchanges of addresses', () => {
  it('F-45 two exchange', () => {
    const { mayGo, groups } = resolveExchanges(swap);
    expect(mayGo).toEqual(new Set(['ana', 'ivo']));
    expect(groups).toEqual([{ kind: 'ring', ids: ['ana', 'ivo'] }]);
  });

  it('F-45 a ring of three', () => {
    const ring = [move('a', '1', '2', 'b'), move('b', '2', '3', 'c'), move('c', '3', '1', 'a')];
    const { mayGo, groups } = resolveExchanges(ring);
    expect(mayGo.size).toBe(3);
    expect(groups).toHaveLength(1);
    expect(groups[0]?.ids.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('a chain that ends in a free address, from its free end', () => {
    const chain = [move('a', '1', '2', 'b'), move('b', '2', '3', 'c'), move('c', '3', '4', null)];
    const { mayGo, groups } = resolveExchanges(chain);
    expect(mayGo).toEqual(new Set(['a', 'b']));
    expect(groups).toEqual([{ kind: 'chain', ids: ['c', 'b', 'a'] }]);
  });

  it('a newcomer may take over what is given up', () => {
    const { mayGo } = resolveExchanges([move('ana', 'a@', 'z@', null), move('record new', null, 'a@', 'ana')]);
    expect(mayGo).toEqual(new Set(['record new']));
  });

  it('a chain that ends in somebody who stays: nobody moves', () => {
    const { mayGo, groups } = resolveExchanges([move('a', '1', '2', 'b'), move('b', '2', '3', 'stays')]);
    expect([mayGo.size, groups]).toEqual([0, []]);
  });

  it('an address that two ask for goes to neither, and a ring through it is none', () => {
    const { mayGo } = resolveExchanges([...swap, move('eva', 'e@', 'a@', 'ana')]);
    expect(mayGo.size).toBe(0);
    const free = resolveExchanges([move('a', '1', 'z', null), move('b', '2', 'z', null), move('c', '3', '1', 'a')]);
    expect(free.mayGo.size).toBe(0);
  });

  it('a chain of 200,000 is walked without recursion', () => {
    const chain = Array.from({ length: 200_000 }, (_, i) => move(`p${i}`, `a${i}`, `a${i + 1}`, `p${i + 1}`));
    chain[chain.length - 1] = move('p199999', 'a199999', 'free', null);
    expect(resolveExchanges(chain).mayGo.size).toBe(199_999);
  });

  it('whoever goes gets an address that nobody else has then; and the order does not matter', () => {
    const people = Array.from({ length: 7 }, (_, i) => `p${i}`);
    const targets = fc.array(fc.option(fc.nat(9), { nil: null }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(targets, fc.integer(), (wishes, seed) => {
        const moves = wishes.flatMap((to, i) =>
          to === null || to === i ? [] : [move(`p${i}`, `a${i}`, `a${to}`, to < 7 ? `p${to}` : null)],
        );
        const { mayGo } = resolveExchanges(moves);
        const shuffled = moves.toSorted((a, b) => hash(a.id, seed) - hash(b.id, seed));
        expect(resolveExchanges(shuffled)).toEqual(resolveExchanges(moves));
        const claimed = (to: string): number => moves.filter((one) => one.to === to).length;
        const goes = (one: AddressMove): boolean =>
          mayGo.has(one.id) || (one.holderId === null && claimed(one.to) === 1);
        const after = new Map(people.map((id, i) => [id, `a${i}`]));
        for (const one of moves) if (goes(one)) after.set(one.id, one.to);
        expect(new Set(after.values()).size).toBe(people.length);
      }),
    );
  });
});

function hash(text: string, seed: number): number {
  let value = seed | 0;
  for (const letter of text) value = (Math.imul(value ^ letter.charCodeAt(0), 16777619) >>> 0) % 1_000_003;
  return value;
}
