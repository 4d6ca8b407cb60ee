/** A file that is refused whole, and where it goes wrong. */
export class FileFault extends Error {
  override readonly name = 'FileFault';

  constructor(
    readonly code: string,
    message: string,
    /** From 1. */
    readonly line: number,
    /** Name of the column; null where the whole line is meant. */
    readonly column: string | null = null,
  ) {
    super(message);
  }
}
