/** Anything that JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON with the keys in order and nothing left to chance: the same value gives the same text. */
export function canonicalJson(value: Json): string {
  const ordered = inOrder(value);
  return ordered === undefined ? pieceByPiece(value) : JSON.stringify(ordered);
}

/** The same with its keys in order, to be written at once; undefined where an object does not keep them so. */
function inOrder(value: Json): Json | undefined {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) {
    const ordered: Json[] = [];
    for (const part of value) {
      const one = inOrder(part);
      if (one === undefined) return undefined;
      ordered.push(one);
    }
    return ordered;
  }
  const ordered: Record<string, Json> = {};
  for (const key of Object.keys(value).sort()) {
    const part = value[key];
    if (part === undefined) continue;
    const one = isUnruly(key) ? undefined : inOrder(part);
    if (one === undefined) return undefined;
    ordered[key] = one;
  }
  return ordered;
}

/** An object counts numbers up before all else, and takes one name for something of its own. */
function isUnruly(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || key === '__proto__';
}

function pieceByPiece(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(pieceByPiece).join(',')}]`;
  const parts: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const part = value[key];
    if (part !== undefined) parts.push(`${JSON.stringify(key)}:${pieceByPiece(part)}`);
  }
  return `{${parts.join(',')}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
