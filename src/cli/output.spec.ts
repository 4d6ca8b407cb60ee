import { describe, expect, it } from '@jest/globals';
import { Readable, Writable } from 'node:stream';
import { Output } from './output.js';

function reader(after: number, code?: string): { out: Writable; seen: string[] } {
  const seen: string[] = [];
  const out = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      seen.push(chunk.toString());
      const error = seen.length > after && code !== undefined ? Object.assign(new Error(code), { code }) : null;
      setImmediate(() => done(error));
    },
  });
  return { out, seen };
}

const pieces = ['a', 'b', 'c', 'd'];
const pour = ({ out }: { out: Writable }, file: Readable): Promise<void> =>
  new Output({ out, err: out }, false).pour(file);

describe('a file as the result', () => {
  it('arrives whole at a slow reader, which stays open', async () => {
    const slow = reader(Infinity);
    await pour(slow, Readable.from(pieces));
    expect([slow.seen.join(''), slow.out.writable]).toEqual(['abcd', true]);
  });

  it('ends where a reader has seen enough', async () => {
    const gone = reader(1, 'EPIPE');
    await pour(gone, Readable.from(pieces));
    expect(gone.seen.length).toBeLessThan(pieces.length);
  });

  it.each([
    ['the reader', reader(1, 'ENOSPC'), Readable.from(pieces), 'ENOSPC'],
    ['the file', reader(Infinity), new Readable({ read: function (this: Readable) { this.destroy(new Error('cut off')); } }), 'cut off'],
  ])('any other fault of %s is one', async (_whose, to, file, message) => {
    await expect(pour(to, file)).rejects.toThrow(message);
  });
}); // prettier-ignore
