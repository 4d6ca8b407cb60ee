import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextTokenIn, PageAhead } from './page-ahead.js';

function seen(text: string): string | null {
  return nextTokenIn(Buffer.from(text));
}

describe('the token of the next page, seen in the text of a listing', () => {
  it.each([
    ['behind the users', '{"kind":"users","users":[{"id":"1"}],"nextPageToken":"~+&a-b_c="}'],
    ['behind them, with blanks', '{\n "users": [{"id":"1"}],\n "nextPageToken": "~+&a-b_c="\n}\n'],
    ['in front of them', '{"kind":"users","etag":"\\"x/y\\"","nextPageToken":"~+&a-b_c=","users":[{"id":"1"}]}'],
  ])('is found %s', (_where, text) => {
    expect(seen(text)).toBe('~+&a-b_c=');
  });

  it.each([
    ['a last page', '{"users":[{"id":"1"}]}'],
    ['a field of a user of that name', '{"users":[{"nextPageToken":"theirs","id":"1"}]}'],
    ['the last field of the last user', '{"users":[{"id":"1","nextPageToken":"theirs"}]}'],
    ['a text of a user that looks like it', JSON.stringify({ users: [], title: '"nextPageToken":"theirs"}' })],
    ['a token that is written with escapes', '{"users":[],"nextPageToken":"a\\u003d"}'],
    ['a body that was cut off', '{"users":[{"id":"1"}],"nextPageToken":"a-b'],
  ])('is not seen in %s', (_what, text) => {
    expect(seen(text)).toBeNull();
  });

  it('is the one that the parsed body names, or none, whatever the users hold', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('nextPageToken', '"nextPageToken":"x"}', '{"nextPageToken":"x",', 'kind', '\\', '"'),
    );
    const user = fc.dictionary(text, fc.oneof(text, fc.dictionary(text, text, { maxKeys: 2 })), { maxKeys: 3 });
    const rest = fc.dictionary(
      fc.constantFrom('kind', 'etag', 'users'),
      fc.oneof(text, fc.array(user, { maxLength: 3 })),
    );
    fc.assert(
      fc.property(rest, fc.option(text), rest, fc.integer({ min: 0, max: 1 }), (before, token, behind, indent) => {
        const body = { ...before, ...(token === null ? {} : { nextPageToken: token }), ...behind };
        expect([null, body.nextPageToken ?? null]).toContain(seen(JSON.stringify(body, null, indent)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a page that was asked for before its turn', () => {
  const { signal } = new AbortController();

  it('is taken once, by its own token and for its own read', async () => {
    const ahead = new PageAhead<string>();
    ahead.ask('b', signal, () => Promise.resolve('page b'));
    expect([ahead.take('a', signal), ahead.take(null, signal)]).toEqual([null, null]);
    expect(ahead.take('b', new AbortController().signal)).toBeNull();
    expect(await ahead.take('b', signal)).toBe('page b');
    expect(ahead.take('b', signal)).toBeNull();
  });

  it('is asked for once while it waits, and fails in its turn alone', async () => {
    const ahead = new PageAhead<string>();
    let asked = 0;
    const ask = (): Promise<string> => {
      asked += 1;
      return Promise.reject(new Error('reset'));
    };
    ahead.ask('b', signal, ask);
    ahead.ask('b', signal, ask);
    await new Promise(setImmediate);
    await expect(ahead.take('b', signal)).rejects.toThrow('reset');
    expect(asked).toBe(1);
  });
});
