import { describe, expect, it } from '@jest/globals';
import iconv from 'iconv-lite';
import { chunksOf } from '../../../test/support/csv.js';
import { encodingSamples } from './samples.js';

function samplesOf(text: string, chunk = 5): ReturnType<typeof encodingSamples> {
  return encodingSamples(chunksOf(iconv.encode(text, 'windows-1252'), chunk), 2);
}

describe('V-05: what is shown where the encoding has to be chosen', () => {
  it('is the first lines that are not UTF-8, as each encoding would have them', async () => {
    const text =
      'email,team\r\nana@example.com,Apps\r\nivo@example.com,Köln’s\r\n\r\nzoe@example.com,Zoë\r\nx@example.com,ß\r\n';
    for (const chunk of [1, 5, 1_000]) {
      expect(await samplesOf(text, chunk)).toEqual([
        {
          line: 3,
          readings: { 'windows-1252': 'ivo@example.com,Köln’s', 'iso-8859-1': 'ivo@example.com,Kölns' },
        },
        { line: 5, readings: { 'windows-1252': 'zoe@example.com,Zoë', 'iso-8859-1': 'zoe@example.com,Zoë' } },
      ]);
    }
  });

  it('is what is around the first such letter of a long line', async () => {
    const [sample] = await samplesOf(`${'a'.repeat(1_000)}ö${'b'.repeat(100_000)}`, 700);
    expect(sample).toEqual({
      line: 1,
      readings: {
        'windows-1252': `${'a'.repeat(60)}ö${'b'.repeat(59)}`,
        'iso-8859-1': `${'a'.repeat(60)}ö${'b'.repeat(59)}`,
      },
    });
  });

  it('is nothing for a file in UTF-8, also where a long line is cut within a letter', async () => {
    for (const before of ['', 'a', 'aa', 'aaa']) {
      expect(await encodingSamples(chunksOf(Buffer.from(`${before}${'😀'.repeat(5_000)}\nö`), 999))).toEqual([]);
    }
  });
});
