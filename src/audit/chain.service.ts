import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { inTurn } from '../common/in-turn.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { beginningOf, hashAfter } from './chain.js';
import { ChainRepository } from './chain.repository.js';

/** Longer than any transaction lasts: an entry with a lower number than one chained so long ago cannot still come. */
export const LATEST_MS = 24 * 3_600_000;
/** How far the frequent looks go back; what came later than that is found by the hourly one. */
const RECENT_MS = 2 * 60_000;
const ENTRIES_AT_ONCE = 2_000;
const ORGANISATIONS_AT_ONCE = 200;

/**
 * Chains the audit log, behind those who write it, so that they never queue: each committed entry gets the next place in
 * its organisation's chain and a hash over itself and the hash before.
 */
@Injectable()
export class AuditChain {
  private next: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly chain: ChainRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** One step of the worker: the next organisations, each time others until all had their turn. Returns how many entries. */
  async look(): Promise<number> {
    const after = this.next;
    const ids = await this.database.asWorker((tx) => this.chain.organisations(tx, after, ORGANISATIONS_AT_ONCE), {
      readOnly: true,
    });
    this.next = ids.length === ORGANISATIONS_AT_ONCE ? (ids.at(-1) ?? null) : null;
    return inTurn(ids, (id) => this.extend(id, RECENT_MS));
  }

  /** All organisations, a page at a time. */
  async *organisations(): AsyncGenerator<string> {
    for (let after: string | null = null; ;) {
      const from: string | null = after;
      const ids: string[] = await this.database.asWorker(
        (tx) => this.chain.organisations(tx, from, ORGANISATIONS_AT_ONCE),
        { readOnly: true },
      );
      yield* ids;
      if (ids.length < ORGANISATIONS_AT_ONCE) return;
      after = ids.at(-1) ?? null;
    }
  }

  /** Chains what is not chained yet; another instance that is at it is left to it. Returns how many entries. */
  async extend(organisationId: string, backMs = LATEST_MS): Promise<number> {
    const back = new Date(this.clock.now().getTime() - backMs);
    let after = await this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const floor = await this.chain.floor(tx, back);
        return (await this.chain.unchained(tx, floor, 1)).length === 0 ? null : floor;
      },
      { readOnly: true },
    );
    // Each batch looks on from the one before; what was committed behind it meanwhile is for the next look.
    for (let count = 0; ;) {
      if (after === null) return count;
      const from: number = after;
      const links = await this.database.asOrganisation(organisationId, (tx) => this.batch(tx, organisationId, from));
      count += links.length;
      after = links.length < ENTRIES_AT_ONCE ? null : (links.at(-1)?.seq ?? null);
    }
  }

  private async batch(tx: Tx, organisationId: string, after: number): Promise<{ seq: number }[]> {
    if (!(await this.chain.lock(tx, organisationId))) return [];
    const entries = await this.chain.unchained(tx, after, ENTRIES_AT_ONCE);
    if (entries.length === 0) return [];
    let { position, hash } = (await this.chain.head(tx)) ?? { position: 0, hash: beginningOf(organisationId) };
    const links = entries.map((entry) => {
      hash = hashAfter(hash, entry);
      position += 1;
      return { position, seq: entry.seq, hash: hash.toString('hex') };
    });
    await this.chain.append(tx, JSON.stringify(links), this.clock.now());
    return links;
  }
}
