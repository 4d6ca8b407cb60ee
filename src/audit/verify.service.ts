import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { Database } from '../database/database.service.js';
import { ChainRepository } from './chain.repository.js';
import { AuditChain, LATEST_MS } from './chain.service.js';
import type { KnownHeads } from './heads.service.js';
import { ChainVerifier, type ChainFault } from './verify.js';

const LINKS_AT_ONCE = 2_000;
/** A chain of years is read in one transaction, so that nobody moves it meanwhile. */
const WITHIN_MS = 3_600_000;

export interface ChainReport {
  intact: boolean;
  /** Links of the chain, and so entries that it proves. */
  chained: number;
  /** Entries that are too new to be chained. */
  waiting: number;
  /** Signed heads that the chain was held against; without one, a cut tail cannot be seen. */
  heads: { agreed: number; superseded: number; unknownKey: number };
  /** The first hundred. */
  faults: ChainFault[];
  faultCount: number;
}

/** Tells whether an audit log is still the one that was written. */
@Injectable()
export class AuditVerifier {
  constructor(
    private readonly database: Database,
    private readonly links: ChainRepository,
    private readonly chain: AuditChain,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async verify(organisationId: string, heads: KnownHeads, restoredAt: Date | null = null): Promise<ChainReport> {
    await this.chain.extend(organisationId);
    const verifier = new ChainVerifier(organisationId, heads.genuine, restoredAt);
    const { waiting, chained } = await this.database.asOrganisation(
      organisationId,
      async (tx) => {
        let read = 0;
        for (;;) {
          const rows = await this.links.links(tx, verifier.position, LINKS_AT_ONCE);
          for (const row of rows) verifier.link(row);
          read += rows.length;
          if (rows.length < LINKS_AT_ONCE) break;
        }
        const floor = await this.links.floor(tx, new Date(this.clock.now().getTime() - LATEST_MS));
        const beside = await this.links.unchained(tx, 0, LINKS_AT_ONCE);
        for (const entry of beside) if (entry.seq <= floor) verifier.beside(entry);
        return { chained: read, waiting: beside.filter(({ seq }) => seq > floor).length };
      },
      { readOnly: true, isolation: 'repeatable read', timeoutMs: WITHIN_MS },
    );
    verifier.finish(heads.forged);
    return {
      intact: verifier.count === 0,
      chained,
      waiting,
      heads: {
        agreed: heads.genuine.length - verifier.disagreeing - verifier.superseded,
        superseded: verifier.superseded,
        unknownKey: heads.unknownKey,
      },
      faults: verifier.faults,
      faultCount: verifier.count,
    };
  }
}
