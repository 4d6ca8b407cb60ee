/** A partial-response mask such as `nextPageToken,users(id,name/givenName)`, as a tree; null keeps all. */
export interface Mask {
  readonly [field: string]: Mask | null;
}

/** @returns null for a mask that cannot be read. */
export function parseMask(text: string): Mask | null {
  let at = 0;

  function list(): Record<string, Mask | null> | null {
    const mask: Record<string, Mask | null> = {};
    for (;;) {
      const name = /^[\w*]+/.exec(text.slice(at))?.[0];
      if (name === undefined) return null;
      at += name.length;
      const inner = below();
      if (inner === undefined) return null;
      mask[name] = inner;
      if (text[at] !== ',') return mask;
      at++;
    }
  }

  /** What stands in parentheses or behind a slash; undefined for nonsense. */
  function below(): Mask | null | undefined {
    if (text[at] === '/') {
      at++;
      const name = /^[\w*]+/.exec(text.slice(at))?.[0];
      if (name === undefined) return undefined;
      at += name.length;
      const inner = below();
      return inner === undefined ? undefined : { [name]: inner };
    }
    if (text[at] !== '(') return null;
    at++;
    const inner = list();
    return inner !== null && text[at++] === ')' ? inner : undefined;
  }

  const mask = list();
  return mask !== null && at === text.length ? mask : null;
}

/** Keeps what the mask names, in objects and in each element of arrays. */
export function applyMask(value: unknown, mask: Mask | null): unknown {
  if (mask === null || '*' in mask) return value;
  if (Array.isArray(value)) return value.map((element) => applyMask(element, mask));
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const below = mask[key];
    if (below !== undefined) kept[key] = applyMask(inner, below);
  }
  return kept;
}
