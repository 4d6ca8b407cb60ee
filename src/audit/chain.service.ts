import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { Database } from '../database/database.service.js';
import { beginningOf, hashAfter } from './chain.js';
import { ChainRepository } from './chain.repository.js';

/** Longer than any transaction lasts: an entry with a lower number than one chained so long ago cannot still come. */
export const LATEST_MS = 24 * 3_600_000;
/** How far the frequent looks go back; what came later than that is found by the hourly one. */
const RECENT_MS = 10 * 60_000;
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
    let count = 0;
    for (const id of ids) count += await this.extend(id, RECENT_MS);
    return count;
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
    for (let count = 0; ;) {
      const more = await this.database.asOrganisation(organisationId, async (tx) => {
        const floor = await this.chain.floor(tx, new Date(this.clock.now().getTime() - backMs));
        if ((await this.chain.unchained(tx, floor, 1)).length === 0) return 0;
        if (!(await this.chain.lock(tx, organisationId))) return 0;
        const entries = await this.chain.unchained(tx, floor, ENTRIES_AT_ONCE);
        const head = await this.chain.head(tx);
        let { position, hash } = head ?? { position: 0, hash: beginningOf(organisationId) };
        const links = entries.map((entry) => {
          hash = hashAfter(hash, entry);
          position += 1;
          return { position, seq: entry.seq, hash: hash.toString('hex') };
        });
        await this.chain.append(tx, JSON.stringify(links), this.clock.now());
        return entries.length;
      });
      count += more;
      if (more < ENTRIES_AT_ONCE) return count;
    }
  }
}
