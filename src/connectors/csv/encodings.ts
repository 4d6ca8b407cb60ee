import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import type { Encoding } from './csv.types.js';
import { FileFault } from './errors.js';
import { LineEnds, linesIn } from './lines.js';
import { unfinishedUtf8, validUtf8 } from './utf8.js';

/** What is decoded and parsed in one go: some milliseconds of work. */
const SLICE = 64 * 1024;

export const ENCODING_NAMES: Record<Encoding, string> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16LE',
  'utf-16be': 'UTF-16BE',
  'windows-1252': 'Windows-1252',
  'iso-8859-1': 'ISO-8859-1',
};

const MARKS: readonly { encoding: Encoding; bytes: Buffer }[] = [
  { encoding: 'utf-8', bytes: Buffer.from([0xef, 0xbb, 0xbf]) },
  { encoding: 'utf-16le', bytes: Buffer.from([0xff, 0xfe]) },
  { encoding: 'utf-16be', bytes: Buffer.from([0xfe, 0xff]) },
];
const LONGEST_MARK = 3;

export interface DecodedFile {
  encoding: Encoding;
  /** UTF-8 without a byte order mark; every line end is LF. Ends in a `FileFault` at the first byte that is no text. */
  slices: AsyncGenerator<Buffer>;
}

/**
 * Finds out how a file is written and reads it so: by its byte order mark, else as was chosen, else as UTF-8. Nothing is
 * ever guessed, for a wrong guess stores wrong names.
 */
export async function decodeFile(bytes: AsyncIterable<Uint8Array>, chosen: Encoding | null): Promise<DecodedFile> {
  const raw = sliced(bytes);
  let start = Buffer.alloc(0);
  while (start.length < LONGEST_MARK) {
    const next = await raw.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  const mark = MARKS.find((one) => start.subarray(0, one.bytes.length).equals(one.bytes));
  const encoding = mark?.encoding ?? chosen ?? 'utf-8';
  const fault = faultOfMark(mark?.encoding ?? null, chosen);
  if (fault !== null) {
    await raw.return(undefined);
    throw fault;
  }
  const told = mark !== undefined || chosen !== null;
  return { encoding, slices: decoded(raw, start.subarray(mark?.bytes.length ?? 0), decoderOf(encoding, told)) };
}

function faultOfMark(marked: Encoding | null, chosen: Encoding | null): FileFault | null {
  if (marked !== null && chosen !== null && marked !== chosen) {
    const message = `Line 1: the file says by its first bytes that it is ${ENCODING_NAMES[marked]}, but ${ENCODING_NAMES[chosen]} was chosen.`;
    return new FileFault('encoding_contradicted', message, 1);
  }
  if (marked === null && (chosen === 'utf-16le' || chosen === 'utf-16be')) {
    const message = 'Line 1: UTF-16 is read only with its byte order mark at the beginning; save the file as UTF-8.';
    return new FileFault('no_mark', message, 1);
  }
  return null;
}

async function* sliced(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += SLICE) yield Buffer.from(chunk.subarray(at, at + SLICE));
  }
}

async function* decoded(raw: AsyncGenerator<Buffer>, start: Buffer, decode: Decoder): AsyncGenerator<Buffer> {
  const ends = new LineEnds();
  let line = 1;
  try {
    for await (const slice of between(start, raw)) {
      const { text, fault } = decode(slice);
      const unified = ends.unify(text);
      if (unified.length > 0) yield unified;
      line += linesIn(unified);
      if (fault !== null) throw new FileFault(fault.code, `Line ${line}: ${fault.sentence}`, line);
    }
  } finally {
    // Also where it ended before it came to `raw`.
    await raw.return(undefined);
  }
}

async function* between(start: Buffer, raw: AsyncGenerator<Buffer>): AsyncGenerator<Buffer | null> {
  yield start;
  yield* raw;
  yield null;
}

/** UTF-8 of what came before the first bytes that are no text, and what is wrong with those. Null is the end. */
type Decoder = (bytes: Buffer | null) => { text: Buffer; fault: DecodingFault | null };

interface DecodingFault {
  /** `encoding_unknown`: nobody said what the file is; it can be read once somebody does. */
  code: 'encoding' | 'encoding_unknown';
  sentence: string;
}

function notThat(encoding: Encoding): DecodingFault {
  return { code: 'encoding', sentence: `there are bytes that are not ${ENCODING_NAMES[encoding]}.` };
}

const NOT_TOLD: DecodingFault = {
  code: 'encoding_unknown',
  sentence: 'this is not UTF-8; choose the encoding that the file was saved in, or save it as UTF-8.',
};

/** @param told Whether the file or a person said what it is; else the fault asks for a choice. */
function decoderOf(encoding: Encoding, told: boolean): Decoder {
  switch (encoding) {
    case 'utf-8':
      return utf8Decoder(told ? notThat('utf-8') : NOT_TOLD);
    case 'utf-16le':
    case 'utf-16be':
      return utf16Decoder(encoding);
    case 'windows-1252':
    case 'iso-8859-1':
      return singleByteDecoder(encoding);
  }
}

function utf8Decoder(fault: DecodingFault): Decoder {
  let kept = Buffer.alloc(0);
  return (bytes) => {
    const all = bytes === null ? kept : kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
    const whole = bytes === null ? all.length : all.length - unfinishedUtf8(all);
    const text = all.subarray(0, whole);
    kept = Buffer.from(all.subarray(whole));
    return isUtf8(text) ? { text, fault: null } : { text: text.subarray(0, validUtf8(text)), fault };
  };
}

function utf16Decoder(encoding: 'utf-16le' | 'utf-16be'): Decoder {
  const bigEndian = encoding === 'utf-16be';
  let kept = Buffer.alloc(0);
  return (bytes) => {
    const all = bytes === null ? kept : Buffer.concat([kept, bytes]);
    let whole = all.length - (all.length % 2);
    const lastUnit = whole < 2 ? 0 : bigEndian ? all.readUInt16BE(whole - 2) : all.readUInt16LE(whole - 2);
    if (bytes !== null && lastUnit >= 0xd800 && lastUnit <= 0xdbff) whole -= 2;
    const units = Buffer.from(all.subarray(0, whole));
    kept = Buffer.from(all.subarray(whole));
    const text = (bigEndian ? units.swap16() : units).toString('utf16le');
    const lone = text.isWellFormed() ? -1 : text.search(/\p{Cs}/u);
    const cut = lone === -1 && bytes === null && kept.length > 0 ? text.length : lone;
    if (cut === -1) return { text: Buffer.from(text), fault: null };
    return { text: Buffer.from(text.slice(0, cut)), fault: notThat(encoding) };
  };
}

function singleByteDecoder(encoding: 'windows-1252' | 'iso-8859-1'): Decoder {
  return (bytes) => {
    const text = bytes === null ? '' : iconv.decode(bytes, encoding);
    // The five bytes that Windows-1252 gives no meaning.
    const unknown = text.indexOf('\ufffd');
    if (unknown === -1) return { text: Buffer.from(text), fault: null };
    return { text: Buffer.from(text.slice(0, unknown)), fault: notThat(encoding) };
  };
}
