/** No application: a connection reads one at most, and everybody of it has that. */
export const SHARED_KINDS = ['group', 'unit', 'domain', 'department'] as const;
export type SharedKind = (typeof SHARED_KINDS)[number];

/** How many of those held, and of the connection's other active people, have one value. */
export interface SharedCount {
  kind: SharedKind;
  /** As people read it: the name of the group, the path of the unit … */
  value: string;
  held: number;
  others: number;
}

export interface Shared extends SharedCount {
  /** All of those held, and nobody else. */
  exact: boolean;
  text: string;
}

/** What most of those held have, and few others: from this share of those held, up to this share of the others. */
const MOST = 0.8;
const FEW = 0.2;

/**
 * What the held people share that the others lack: the first clue to a group that was emptied or a unit that was
 * moved. The clearest first. One person shares nothing with anybody.
 */
export function sharedByHeld(counts: Iterable<SharedCount>, held: number, others: number): Shared[] {
  if (held < 2) return [];
  const shared: Shared[] = [];
  for (const count of counts) {
    if (count.held < held * MOST || count.others > others * FEW) continue;
    const exact = count.held === held && count.others === 0;
    shared.push({ ...count, exact, text: sentence(count, held, exact) });
  }
  return shared.sort((a, b) => clarity(b, others) - clarity(a, others) || a.others - b.others || order(a, b));
}

function clarity(count: SharedCount, others: number): number {
  return count.held - (others === 0 ? 0 : (count.others / others) * count.held);
}

function order(a: SharedCount, b: SharedCount): number {
  const kind = SHARED_KINDS.indexOf(a.kind) - SHARED_KINDS.indexOf(b.kind);
  return kind !== 0 ? kind : a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

function sentence(count: SharedCount, held: number, exact: boolean): string {
  const has = `the ${count.kind} “${count.value}”`;
  if (exact) return `All ${held} have ${has}, and nobody else has.`;
  const who = count.held === held ? `All ${held}` : `${count.held} of ${held}`;
  return count.others === 0
    ? `${who} have ${has}, and nobody else has.`
    : `${who} have ${has}; of the others ${count.others}.`;
}
