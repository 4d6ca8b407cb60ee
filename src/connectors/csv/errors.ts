/** What is wrong with a file that is refused whole. */
export type FileFaultCode =
  | 'empty'
  /** It is not UTF-8, and nobody said what else: it can be read once somebody does. */
  | 'encoding_unknown'
  /** Bytes that are no text in the encoding that the file, or somebody, named. */
  | 'encoding'
  /** Somebody named another encoding than the file does. */
  | 'encoding_contradicted'
  /** UTF-16 without its byte order mark. */
  | 'no_mark'
  | 'no_header'
  | 'header'
  /** More columns than a file may have. */
  | 'columns'
  | 'no_email'
  | 'repeated_column'
  /** A column that no file can set. */
  | 'refused_column'
  /** It cannot be told what separates the columns; it can be read once somebody says. */
  | 'separator'
  | 'quote'
  | 'control'
  /** A row with more values, or fewer, than the header has columns. */
  | 'ragged'
  /** A value in a column whose header is empty. */
  | 'nameless'
  | 'value_too_long'
  | 'row_too_long'
  /** More rows than a file may have. */
  | 'rows';

/**
 * A file that is refused whole, and where it goes wrong. The message is one sentence for who brought it, with the line and
 * the column, and nothing of what a row says.
 */
export class FileFault extends Error {
  override readonly name = 'FileFault';

  constructor(
    readonly code: FileFaultCode,
    message: string,
    /** From 1. */
    readonly line: number,
    /** Name of the column; null where the whole line is meant. */
    readonly column: string | null = null,
  ) {
    super(message);
  }
}
