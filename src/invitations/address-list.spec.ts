import { describe, expect, it } from '@jest/globals';
import { namesOf, readAddressList } from './address-list.js';

const texts = (text: string): string[] => readAddressList(text).map((one) => one.text);

describe('a pasted list', () => {
  it.each([
    ['a@x.example, b@x.example'],
    ['a@x.example;b@x.example'],
    ['a@x.example b@x.example'],
    ['a@x.example\nb@x.example'],
    ['a@x.example\r\n\r\n  b@x.example\t'],
    ['a@x.example,;, b@x.example;'],
    ['<a@x.example> <b@x.example>'],
    ['mailto:a@x.example, MAILTO:b@x.example'],
    ['a@x.example、b@x.example'],
  ])('%j is two addresses', (text) => expect(texts(text)).toEqual(['a@x.example', 'b@x.example']));

  it('has names before addresses, with commas where they are quoted', () => {
    expect(readAddressList(`"Doe, Ann" <ann@x.example>; Bob B. Boy <bob@x.example>\nCy Cue cy@x.example`)).toEqual([
      { text: 'ann@x.example', name: 'Doe, Ann' },
      { text: 'bob@x.example', name: 'Bob B. Boy' },
      { text: 'cy@x.example', name: 'Cy Cue' },
    ]);
  });

  it('drops nothing that is no address', () => {
    expect(texts('hello, a@x.example and b@x.example, @')).toEqual(['hello', 'a@x.example', 'and', 'b@x.example', '@']);
    expect(texts('Ann <a@x.example, m@evil.example>')).toEqual(['a@x.example, m@evil.example']);
    expect(texts('"unclosed, a@x.example\nb@x.example')).toEqual(['a@x.example', 'b@x.example']);
    expect(texts(' \n , ; ')).toEqual([]);
  });

  it('takes names apart', () => {
    expect(namesOf('Ann Mary Doe')).toEqual({ firstName: 'Ann', lastName: 'Mary Doe' });
    expect(namesOf('Doe, Ann')).toEqual({ firstName: 'Ann', lastName: 'Doe' });
    expect(namesOf('Ann')).toEqual({ firstName: 'Ann', lastName: null });
    expect(namesOf(null)).toEqual({ firstName: null, lastName: null });
  });
});
