import { describe, expect, it } from '@jest/globals';
import { beginningOf, hashAfter, type ChainedEntry } from './chain.js';
import { isGenuine, readHead, signHead, type HeadKey } from './heads.js';

const A = '0192f0c1-2b7a-7000-8000-000000000001';
const B = '0192f0c1-2b7a-7000-8000-000000000002';
const entry: ChainedEntry = {
  at: '2026-11-22T10:00:00.123456Z',
  action: 'person.updated',
  actor: { kind: 'key', id: A, personId: null },
  subjectKind: 'person',
  subjectId: B,
  runId: null,
  requestId: 'r1',
  address: '192.0.2.1',
  outcome: 'done',
  detail: { fields: ['email'], change: A },
};

describe('G-02 the chain', () => {
  it('gives the same hash for the same entry, whatever the order of its keys', () => {
    const turned = Object.fromEntries(Object.entries(entry).reverse()) as unknown as ChainedEntry;
    const actor = { personId: null, id: A, kind: 'key' };
    expect(hashAfter(beginningOf(A), { ...turned, actor })).toEqual(hashAfter(beginningOf(A), entry));
  });

  it.each(Object.keys(entry) as (keyof ChainedEntry)[])('gives another one when %s differs', (column) => {
    const before = entry[column];
    const after = before === null ? 'x' : `${JSON.stringify(before)}x`;
    expect(hashAfter(beginningOf(A), { ...entry, [column]: after })).not.toEqual(hashAfter(beginningOf(A), entry));
  });

  it('gives another one in another organisation, and in another place', () => {
    const first = hashAfter(beginningOf(A), entry);
    expect(hashAfter(beginningOf(B), entry)).not.toEqual(first);
    expect(hashAfter(first, entry)).not.toEqual(first);
  });
});

describe('G-02 signed heads', () => {
  const key: HeadKey = { id: 'one', seed: Buffer.alloc(32, 1) };
  const head = { organisation: A, position: 3, hash: 'a'.repeat(64), at: '2026-11-22T10:00:00.000Z' };
  const read = (line: string) => {
    const known = readHead(line);
    if (known === null) throw new Error('no head');
    return known;
  };

  it('are read back, and are genuine by their own key alone', () => {
    const signed = read(signHead(head, key));
    expect(signed).toMatchObject(head);
    expect(isGenuine(signed, key)).toBe(true);
    expect(isGenuine(signed, { id: 'one', seed: Buffer.alloc(32, 2) })).toBe(false);
  });

  it.each([{ organisation: B }, { position: 4 }, { hash: 'b'.repeat(64) }, { at: '2026-11-22T11:00:00.000Z' }])(
    'are not genuine with another %o',
    (change) => expect(isGenuine({ ...read(signHead(head, key)), ...change }, key)).toBe(false),
  );

  it.each(['', 'no JSON', '{}', 'null', '{"organisation":1}'])('%p is none', (line) => {
    expect(readHead(line)).toBeNull();
  });
});
