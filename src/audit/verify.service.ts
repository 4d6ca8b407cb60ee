import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { Database } from '../database/database.service.js';
import { ChainRepository } from './chain.repository.js';
import { AuditChain, LATEST_MS } from './chain.service.js';
import type { SignedHead } from './heads.js';
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

export type GoneReport = ChainReport & { organisation: string };

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

  /**
   * Of organisations whose heads were signed, those that are not here any more although nobody deleted them: a chain that was
   * taken away whole, with the organisation, has no other trace.
   */
  async gone(heads: readonly SignedHead[], restoredAt: Date | null = null): Promise<GoneReport[]> {
    const here = new Set<string>();
    for await (const id of this.chain.organisations()) here.add(id);
    const missing = heads.filter(
      ({ organisation, at }) =>
        !here.has(organisation) && (restoredAt === null || Date.parse(at) >= restoredAt.getTime()),
    );
    if (missing.length === 0) return [];
    const told = new Set(await this.toldDeleted(missing.map(({ organisation }) => organisation)));
    return missing
      .filter(({ organisation }) => !told.has(organisation))
      .map(({ organisation, position }) => ({
        ...{ organisation, intact: false, chained: 0, waiting: 0, heads: { agreed: 0, superseded: 0, unknownKey: 0 } },
        ...{ faults: [{ kind: 'gone', position, seq: null }], faultCount: 1 },
      }));
  }

  private async toldDeleted(ids: readonly string[]): Promise<string[]> {
    const installation = await this.database.asWorker((tx) => this.links.installation(tx), { readOnly: true });
    if (installation === null) return [];
    await this.chain.extend(installation);
    return this.database.asOrganisation(installation, (tx) => this.links.toldDeleted(tx, ids), { readOnly: true });
  }
}
