import type { FileField } from '../../sync/file-rows.types.js';

export type { FileField };

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'iso-8859-1';

export type Delimiter = ',' | ';' | '\t';

export interface CsvLimits {
  rows: number;
  columns: number;
  fieldBytes: number;
}

export interface CsvHead {
  encoding: Encoding;
  delimiter: Delimiter;
  /** `field` null: shown, and ignored. */
  columns: { name: string; field: FileField | null }[];
}

/** Cells without the apostrophe of our own export, trimmed, in NFC. */
export interface RawRow {
  /** First line of the row in the file, from 1. */
  line: number;
  cells: Partial<Record<FileField, string>>;
}

export interface CsvOptions {
  /** Without it, it is found out; a file whose encoding cannot be told is refused with the choice. */
  encoding?: Encoding;
  delimiter?: Delimiter;
  limits: CsvLimits;
  signal: AbortSignal;
}

export interface CsvReading {
  head: Promise<CsvHead>;
  /** In pages of at most 1,000. Ends in a `FileFault` where the file is badly formed. */
  rows: AsyncIterable<RawRow[]>;
}
