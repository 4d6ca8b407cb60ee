/** One entry of a pasted list. Whether it is an address is judged elsewhere. */
export interface ListedAddress {
  /** What stands where the address should. */
  text: string;
  /** What stood before it, as in `Ann Doe <ann@acme.example>`; null where nothing did. */
  name: string | null;
}

/**
 * Takes a pasted list apart: entries between commas, semicolons or line ends, or between blanks where they are bare
 * addresses; each an address, or a name with an address in angle brackets. Nothing is dropped: what is no address comes
 * back as it was, so that it can be told.
 */
export function readAddressList(text: string): ListedAddress[] {
  return chunksOf(text).flatMap(entriesOf);
}

/** First and last name out of a name as mail programs write it: `Ann Doe`, or `Doe, Ann`. */
export function namesOf(name: string | null): { firstName: string | null; lastName: string | null } {
  const plain = (name ?? '').trim();
  const [last = '', first = ''] = plain.split(',', 2).map((part) => part.trim());
  if (first !== '') return { firstName: first, lastName: last === '' ? null : last };
  const [head = '', ...rest] = last.split(/\s+/u);
  return { firstName: head === '' ? null : head, lastName: rest.length === 0 ? null : rest.join(' ') };
}

/** Separators count outside of quotes and angle brackets alone; the end of a line counts everywhere. */
function chunksOf(text: string): string[] {
  const chunks: string[] = [];
  let chunk = '';
  let inside: '"' | '>' | null = null;
  const end = (): void => {
    if (chunk.trim() !== '') chunks.push(chunk.trim());
    chunk = '';
    inside = null;
  };
  for (const character of text) {
    if (/[\n\r\u2028\u2029]/u.test(character) || (inside === null && /[,;，；、]/u.test(character))) {
      end();
      continue;
    }
    const opens = character === '<' || (character === '"' && chunk.trim() === '');
    if (inside === null && opens) inside = character === '<' ? '>' : '"';
    else if (inside === character) inside = null;
    chunk += character;
    if (character === '>') end();
  }
  end();
  return chunks;
}

function entriesOf(chunk: string): ListedAddress[] {
  const [, name, bracketed] = /^(.*?)\s*<\s*([^<>]*?)\s*>$/su.exec(chunk) ?? [];
  if (bracketed !== undefined) return [{ text: withoutScheme(bracketed), name: unquoted(name ?? '') }];
  const words = chunk.split(/\s+/u);
  const addresses = words.filter((word) => word.includes('@'));
  if (addresses.length === 0) return [{ text: chunk, name: null }];
  if (addresses.length === 1 && words.at(-1) === addresses[0] && words.length > 1)
    return [{ text: withoutScheme(addresses[0] ?? ''), name: unquoted(words.slice(0, -1).join(' ')) }];
  return words.map((word) => ({ text: withoutScheme(word), name: null }));
}

function withoutScheme(word: string): string {
  return word.replace(/^mailto:/iu, '');
}

function unquoted(name: string): string | null {
  const plain = name
    .trim()
    .replace(/^(["'])(.*)\1$/su, '$2')
    .trim();
  return plain === '' ? null : plain;
}
