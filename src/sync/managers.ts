/** Somebody gets a manager; null takes the manager away, which never makes a loop. */
export interface ManagerEdge {
  personId: string;
  managerId: string | null;
}

export interface ManagerVerdict {
  accepted: ManagerEdge[];
  /** Every proposed edge of a loop, with the people of the loop in order, from the edge's own person on. */
  refused: (ManagerEdge & { loop: string[] })[];
}

/**
 * Which new managers are given. Every proposed edge of a loop is refused; whoever is refused keeps the manager they
 * have, and should that close a loop with edges that were accepted, these are refused as well. Loops that stand
 * already and that no proposed edge belongs to are left alone. The order of the edges does not matter.
 *
 * @param managerOf The manager that somebody has now, null for none.
 */
export function resolveManagers(
  edges: readonly ManagerEdge[],
  managerOf: (personId: string) => string | null,
): ManagerVerdict {
  const proposed = new Map<string, string | null>();
  for (const edge of edges) proposed.set(edge.personId, edge.managerId);
  const refused = new Map<string, string[]>();
  for (let found = true; found;) {
    found = false;
    for (const loop of loopsAmong(proposed, managerOf)) {
      for (const [index, personId] of loop.entries()) {
        if (!proposed.delete(personId)) continue;
        refused.set(personId, [...loop.slice(index), ...loop.slice(0, index)]);
        found = true;
      }
    }
  }
  const verdict: ManagerVerdict = { accepted: [], refused: [] };
  for (const edge of edges) {
    const loop = refused.get(edge.personId);
    if (loop === undefined) verdict.accepted.push(edge);
    else verdict.refused.push({ ...edge, loop });
  }
  return verdict;
}

/** The loops that go through at least one proposed edge. Each person has one manager, so loops never share a person. */
function loopsAmong(
  proposed: ReadonlyMap<string, string | null>,
  managerOf: (personId: string) => string | null,
): string[][] {
  const loops: string[][] = [];
  const done = new Set<string>();
  for (const start of proposed.keys()) {
    const path: string[] = [];
    const position = new Map<string, number>();
    let at: string | null = start;
    while (at !== null && !done.has(at) && !position.has(at)) {
      position.set(at, path.length);
      path.push(at);
      const next = proposed.get(at);
      at = next === undefined ? managerOf(at) : next;
    }
    const from = at === null ? undefined : position.get(at);
    if (from !== undefined) {
      const loop = path.slice(from);
      if (loop.some((personId) => proposed.has(personId))) loops.push(loop);
    }
    for (const personId of path) done.add(personId);
  }
  return loops;
}
