import { describe, expect, it } from '@jest/globals';
import { arrayOf, objectOf, parseJson, valueAt } from './json.js';

describe('parseJson', () => {
  it.each([
    ['is cut in the middle', '[{"id":"1"},{"id"'],
    ['is a login page', '<!doctype html>'],
    ['is empty', ''],
    ['goes on after its end', '[] []'],
    ['is no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('a body that %s is no answer, and may be one at the next try', (_words, body) => {
    const parse = (): unknown => parseJson(body, 'The list');
    expect(parse).toThrow(expect.objectContaining({ failure: 'bad_response', passing: true }));
  });

  it('says nothing of what the body held', () => {
    let message = '';
    try {
      parseJson('{"secret": canary}', 'The list');
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('The list');
    expect(message).not.toContain('canary');
  });

  it('F-53 takes a depth of 1,000', () => {
    expect(parseJson(`${'['.repeat(1_000)}${']'.repeat(1_000)}`, 'It')).toBeInstanceOf(Array);
  });
});

describe('shapes', () => {
  it.each([null, [], 'x', 7])('%p is no object', (value) => {
    expect(() => objectOf(value, 'It')).toThrow(expect.objectContaining({ failure: 'bad_response', passing: false }));
  });

  it.each([null, {}, 'x', 7])('%p is no list', (value) => {
    expect(() => arrayOf(value, 'It')).toThrow(expect.objectContaining({ failure: 'bad_response' }));
  });

  it('paths lead through own properties alone', () => {
    expect(valueAt({ a: { b: 1 } }, ['a', 'b'])).toBe(1);
    expect(valueAt({ a: {} }, ['a', 'constructor'])).toBeUndefined();
    expect(valueAt({ a: null }, ['a', 'b'])).toBeUndefined();
  });
});
