/** How many bytes at the end begin a character that is not there whole. */
export function unfinishedUtf8(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? back : 0;
  }
  return 0;
}

/** Length of the part at the beginning that is UTF-8, of bytes that are not, as a whole. */
export function validUtf8(bytes: Buffer): number {
  const mended = Buffer.from(bytes.toString('utf8'));
  let same = 0;
  while (bytes[same] === mended[same]) same += 1;
  return same - unfinishedUtf8(bytes.subarray(0, same));
}
