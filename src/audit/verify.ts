import { beginningOf, hashAfter, type NumberedEntry } from './chain.js';
import type { LinkRow } from './chain.repository.js';
import type { SignedHead } from './heads.js';

/** What is wrong with a chain. */
export const CHAIN_FAULTS = {
  altered: 'The entry is not the one that was chained here: it was edited, or moved.',
  deleted: 'The entry that was chained here is gone.',
  inserted: 'The entry was put in later than it says.',
  gap: 'Links of the chain are gone.',
  cut: 'The chain is shorter than it was when its head was signed.',
  rewritten: 'The chain is another one than when its head was signed.',
  gone: 'The organisation is gone, and the log of the installation does not say that it was deleted.',
  forged_head: 'Lines of the file of heads are not signed by this installation.',
} as const;

export type ChainFaultKind = keyof typeof CHAIN_FAULTS;

export interface ChainFault {
  kind: ChainFaultKind;
  position: number | null;
  /** Number of the entry. */
  seq: number | null;
}

const MOST_TOLD = 100;
/** No transaction lasts so long: an entry is chained after no other one that is so much younger. */
const LATEST_MS = 24 * 3_600_000;

/** Goes through a chain once, in its order. */
export class ChainVerifier {
  readonly faults: ChainFault[] = [];
  count = 0;
  /** Heads that do not fit, signed before the database was restored. */
  superseded = 0;
  /** Heads that do not fit otherwise. */
  disagreeing = 0;
  position = 0;
  private previous: Buffer;
  private latest = 0;
  private readonly heads: Map<number, SignedHead[]>;

  /** @param restoredAt Heads signed before then may tell of what the restored backup did not have. */
  constructor(
    organisationId: string,
    heads: readonly SignedHead[],
    private readonly restoredAt: Date | null,
  ) {
    this.previous = beginningOf(organisationId);
    this.heads = new Map();
    for (const head of heads) this.heads.set(head.position, [...(this.heads.get(head.position) ?? []), head]);
  }

  link({ position, linkSeq, hash, entry }: LinkRow): void {
    if (position !== this.position + 1) this.fault('gap', position, linkSeq);
    else if (entry !== null && !hashAfter(this.previous, entry).equals(hash)) this.fault('altered', position, linkSeq);
    if (entry === null) this.fault('deleted', position, linkSeq);
    else this.judgeTime(entry, position);
    for (const head of this.heads.get(position) ?? [])
      if (head.hash !== hash.toString('hex')) this.disagrees(head, 'rewritten');
    // The stored hash goes on: one fault is told once, and not for everything behind it.
    this.previous = hash;
    this.position = position;
  }

  /** An entry that stands beside the chain although it can only have come since. */
  beside(entry: NumberedEntry): void {
    this.fault('inserted', null, entry.seq);
  }

  finish(forgedHeads: number): void {
    for (const [position, heads] of this.heads)
      if (position > this.position) for (const head of heads) this.disagrees(head, 'cut');
    if (forgedHeads > 0) this.fault('forged_head', null, null);
  }

  private judgeTime(entry: NumberedEntry, position: number): void {
    const at = Date.parse(entry.at);
    if (at < this.latest - LATEST_MS) this.fault('inserted', position, entry.seq);
    this.latest = Math.max(this.latest, at);
  }

  private disagrees(head: SignedHead, kind: 'cut' | 'rewritten'): void {
    if (this.restoredAt !== null && Date.parse(head.at) < this.restoredAt.getTime()) {
      this.superseded += 1;
      return;
    }
    this.disagreeing += 1;
    this.fault(kind, head.position, null);
  }

  private fault(kind: ChainFaultKind, position: number | null, seq: number | null): void {
    this.count += 1;
    if (this.faults.length < MOST_TOLD) this.faults.push({ kind, position, seq });
  }
}
