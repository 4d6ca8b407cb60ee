import { Injectable } from '@nestjs/common';
import { lastAdmins } from '../sync/last-admins.js';
import { reason } from '../sync/reasons.js';
import { RemovalsRepository } from './removals.repository.js';
import type { RunContext } from './run-context.js';

/** Row 10 across a plan, whoever asked for it: one active admin stays, and the plan says so before it is applied. */
@Injectable()
export class LastAdmin {
  constructor(private readonly removals: RemovalsRepository) {}

  /** @param would Why they would have gone. */
  async keep({ lease, organisationId, runId }: RunContext, would: string): Promise<void> {
    await lease.write(async (tx) => {
      const admins = await this.removals.adminsAtStake(tx, organisationId, runId);
      const leaving = admins.filter((admin) => admin.seq !== null);
      const kept = lastAdmins(leaving.map((admin) => admin.personId), admins.map((admin) => admin.personId)); // prettier-ignore
      const seqs = leaving.flatMap((admin) => (admin.seq !== null && kept.includes(admin.personId) ? [admin.seq] : []));
      await this.removals.skipLines(tx, organisationId, runId, seqs, reason('last_admin', { would }));
    });
  }
}
