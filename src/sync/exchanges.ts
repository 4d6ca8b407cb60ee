/** Somebody who asks for another address in this plan: a linked person who moves, or a newcomer (`from` null). */
export interface AddressMove {
  /** Person id; for a newcomer anything that is no person's id. */
  id: string;
  /** Canonical address that is given up. */
  from: string | null;
  to: string;
  /** The person who has `to` now and is not archived; null where it is free. */
  holderId: string | null;
}

/** Moves that may go together in one transaction, because they depend on one another: a ring, or a chain. */
export interface Exchange {
  kind: 'ring' | 'chain';
  ids: string[];
}

export interface Exchanges {
  /** Ids of the moves whose holder moves on in this plan: decide them again with `holderMovesOn`. */
  mayGo: Set<string>;
  /** Each in the order in which addresses pass on; ordered by their smallest id. */
  groups: Exchange[];
}

/**
 * Row 18: which of the colliding moves may go. A move may, when following holders from it ends in a free address, or
 * comes back to it (two who exchange, or a ring). An address that two ask for goes to neither, and everybody who waits
 * for one of them stays. The order of the moves does not matter. Moves to a free address need not be given unless
 * somebody waits for them.
 */
export function resolveExchanges(moves: Iterable<AddressMove>): Exchanges {
  const byId = new Map<string, AddressMove>();
  const claims = new Map<string, number>();
  for (const move of moves) {
    byId.set(move.id, move);
    claims.set(move.to, (claims.get(move.to) ?? 0) + 1);
  }
  const verdicts = new Map<string, boolean>();
  for (const id of [...byId.keys()].sort()) walk(id, byId, claims, verdicts);
  const mayGo = new Set<string>();
  for (const [id, goes] of verdicts) if (goes && byId.get(id)?.holderId !== null) mayGo.add(id);
  return { mayGo, groups: groupsOf(byId, verdicts, mayGo) };
}

/** Settles the verdict of one move and of all that it depends on, without recursion: a chain may be long. */
function walk(
  start: string,
  byId: ReadonlyMap<string, AddressMove>,
  claims: ReadonlyMap<string, number>,
  verdicts: Map<string, boolean>,
): void {
  const path: string[] = [];
  const onPath = new Set<string>();
  let at: string | null = start;
  let goes: boolean | undefined;
  while (goes === undefined) {
    const move: AddressMove | undefined = at === null ? undefined : byId.get(at);
    if (at === null) goes = true;
    else if (verdicts.has(at)) goes = verdicts.get(at);
    else if (onPath.has(at)) goes = true;
    else if (move === undefined || (claims.get(move.to) ?? 0) > 1) {
      if (move !== undefined) path.push(at);
      goes = false;
    } else {
      path.push(at);
      onPath.add(at);
      at = move.holderId;
    }
  }
  for (const id of path) verdicts.set(id, goes);
}

function groupsOf(
  byId: ReadonlyMap<string, AddressMove>,
  verdicts: ReadonlyMap<string, boolean>,
  mayGo: ReadonlySet<string>,
): Exchange[] {
  const followers = new Map<string, string>();
  for (const id of mayGo) {
    const holder = byId.get(id)?.holderId;
    if (holder !== null && holder !== undefined) followers.set(holder, id);
  }
  const groups: Exchange[] = [];
  const seen = new Set<string>();
  const collect = (first: string, kind: Exchange['kind']): void => {
    const ids: string[] = [];
    for (let at: string | undefined = first; at !== undefined && !seen.has(at); at = followers.get(at)) {
      seen.add(at);
      ids.push(at);
    }
    groups.push({ kind, ids });
  };
  const going = [...byId.keys()].filter((id) => verdicts.get(id) === true).sort();
  // A chain is told from its free end: whoever takes the free address goes first, then who waits for that one.
  for (const id of going) if (!mayGo.has(id) && followers.has(id)) collect(id, 'chain');
  for (const id of going) if (mayGo.has(id) && !seen.has(id)) collect(id, 'ring');
  return groups.sort((a, b) => compare(smallest(a.ids), smallest(b.ids)));
}

function smallest(ids: readonly string[]): string {
  return ids.reduce((least, id) => (compare(id, least) < 0 ? id : least), ids[0] ?? '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
