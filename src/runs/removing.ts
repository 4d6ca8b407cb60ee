import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { VERDICT_WINDOW_MS } from '../sync/policy.js';
import { reason } from '../sync/reasons.js';
import { LastAdmin } from './last-admin.js';
import { PLACE, plannedLine } from './plan.types.js';
import { RemovalsRepository } from './removals.repository.js';
import { PlanRepository } from './plan.repository.js';
import { RemovalRepository } from './removal.repository.js';
import type { RunContext } from './run-context.js';

const CHUNK = 2_000;

/**
 * What deleting a connection does: its people stay as they are, unlinked; or those whom no other connection employs are
 * archived. One that was paused or needed attention for more than 30 days employs nobody: nothing is inferred from it. Whoever confirms the preview approves the removals that it showed, by name.
 */
@Injectable()
export class RemovalPlan {
  constructor(
    private readonly plans: PlanRepository,
    private readonly removals: RemovalsRepository,
    private readonly lastAdmin: LastAdmin,
    private readonly people: RemovalRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async make(context: RunContext): Promise<void> {
    const { lease, organisationId, connectionId, runId, run } = context;
    const archives = isArchiving(run.settings);
    await lease.write((tx) => this.plans.empty(tx, organisationId, runId));
    const trustedFrom = new Date(this.clock.now().getTime() - VERDICT_WINDOW_MS);
    let seq = 0;
    for (let after = ''; ;) {
      const from = after;
      const rows = await lease.read((tx) =>
        this.people.linked(tx, organisationId, connectionId, from, trustedFrom, CHUNK),
      );
      after = rows.at(-1)?.externalId ?? after;
      const lines = rows.map((row) => {
        const goes = archives && !row.employedElsewhere && !row.isProtected && row.state !== 'archived';
        const shielded = archives && row.isProtected && !row.employedElsewhere && row.state !== 'archived';
        return plannedLine({
          seq: (seq += 1),
          kind: goes ? 'archive' : 'skip',
          situation: 'connection_deleted',
          externalId: row.externalId,
          personId: row.personId,
          label: row.label,
          reason: shielded
            ? reason('protected')
            : {
                code: goes ? 'connection_deleted' : 'kept',
                text: goes ? 'The connection was deleted.' : 'Stays as they are, linked to this connection no more.',
              },
          before: goes ? { state: row.state } : null,
          after: goes ? { state: 'archived', archiveReason: 'directory', expectedVersion: row.version } : null,
          removal: goes,
          place: PLACE.leaver,
        });
      });
      await lease.write((tx) => this.plans.store(tx, organisationId, runId, lines));
      if (rows.length < CHUNK) break;
    }
    await this.lastAdmin.keep(context, 'the connection is deleted');
    if (run.confirms !== null) {
      const preview = run.confirms;
      await lease.write(async (tx) => {
        await this.plans.approveShown(tx, organisationId, runId, preview);
        await this.removals.holdRemovals(tx, organisationId, connectionId, runId, 'all');
      });
    }
  }
}

/** What was asked with the deletion. */
export function isArchiving(settings: unknown): boolean {
  return typeof settings === 'object' && settings !== null && 'people' in settings && settings.people === 'archive';
}
