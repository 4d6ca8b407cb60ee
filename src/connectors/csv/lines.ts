const LF = 10;
const CR = 13;

/** Makes every line end, CRLF or CR alone, one LF; also where a chunk ends between the two. */
export class LineEnds {
  private afterCr = false;

  /** In place where something is to be changed: `bytes` are the caller's own. */
  unify(bytes: Buffer): Buffer {
    if (bytes.length === 0) return bytes;
    const from = this.afterCr && bytes[0] === LF ? 1 : 0;
    this.afterCr = bytes.at(-1) === CR;
    let cr = bytes.indexOf(CR, from);
    if (cr === -1) return from === 0 ? bytes : bytes.subarray(from);
    let end = 0;
    let read = from;
    while (cr !== -1) {
      end += bytes.copy(bytes, end, read, cr);
      bytes[end] = LF;
      end += 1;
      read = bytes[cr + 1] === LF ? cr + 2 : cr + 1;
      cr = bytes.indexOf(CR, read);
    }
    end += bytes.copy(bytes, end, read);
    return bytes.subarray(0, end);
  }
}

/** How many line ends are in it; all are LF by then. */
export function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

/** How many line ends a text of any kind has. */
export function lineEndsIn(text: string): number {
  return text.match(/\r\n|\r|\n/gu)?.length ?? 0;
}
