import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { cleanText } from '../text.js';
import type { Encoding } from './csv.types.js';
import { LineEnds } from './lines.js';
import { unfinishedUtf8, validUtf8 } from './utf8.js';

/** What can be chosen for a file that does not say what it is. */
export type EncodingChoice = Extract<Encoding, 'windows-1252' | 'iso-8859-1'>;

/** A piece of a line as each encoding would have it. */
export interface EncodingSample {
  line: number;
  readings: Record<EncodingChoice, string>;
}

const LF = 10;
/** What is looked at of a line, and what is shown on both sides of the first letter that is not UTF-8. */
const LONGEST_LINE = 4 * 1024;
const AROUND = 60;

/**
 * Lines that show what to choose after `encoding_unknown`: the first ones that are not UTF-8. They are personal data, for
 * the eyes of who brought the file alone.
 *
 * @param most How many.
 */
export async function encodingSamples(bytes: AsyncIterable<Uint8Array>, most = 5): Promise<EncodingSample[]> {
  const samples: EncodingSample[] = [];
  for await (const { line, text } of linesOf(bytes)) {
    if (isUtf8(text)) continue;
    const at = validUtf8(text);
    const piece = text.subarray(Math.max(0, at - AROUND), at + AROUND);
    const reading = (encoding: EncodingChoice): string => cleanText(iconv.decode(piece, encoding));
    samples.push({ line, readings: { 'windows-1252': reading('windows-1252'), 'iso-8859-1': reading('iso-8859-1') } });
    if (samples.length === most) break;
  }
  return samples;
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<{ line: number; text: Buffer }> {
  const ends = new LineEnds();
  let line = 1;
  let kept = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = ends.unify(Buffer.from(chunk));
    let from = 0;
    for (let end = all.indexOf(LF); end !== -1; end = all.indexOf(LF, from)) {
      yield { line, text: beginning(kept, all.subarray(from, end)) };
      kept = Buffer.alloc(0);
      line += 1;
      from = end + 1;
    }
    if (kept.length < LONGEST_LINE) kept = Buffer.concat([kept, all.subarray(from, from + LONGEST_LINE)]);
  }
  yield { line, text: beginning(kept, Buffer.alloc(0)) };
}

/** As much of a line as is looked at, not cut within a character. */
function beginning(kept: Buffer, rest: Buffer): Buffer {
  const whole = kept.length === 0 ? rest : Buffer.concat([kept, rest]);
  if (whole.length <= LONGEST_LINE) return whole;
  const cut = whole.subarray(0, LONGEST_LINE);
  return cut.subarray(0, cut.length - unfinishedUtf8(cut));
}
