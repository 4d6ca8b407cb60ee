import { Injectable } from '@nestjs/common';
import type { AuditContext } from '../audit/audit.types.js';
import { foldName } from '../common/fold.js';
import type { Tx } from '../database/tx.js';
import { ReferenceService } from '../frameworks/reference.service.js';
import type { PlannedRow } from './plan.types.js';

/** Makes the teams and positions that a plan counts on, where nobody made them meanwhile. */
@Injectable()
export class Places {
  constructor(private readonly references: ReferenceService) {}

  /** @param lines Of the kinds `team` and `position`. @returns From the id in the plan to the real one. */
  async make(
    tx: Tx,
    lines: readonly PlannedRow[],
    by: AuditContext,
    origin: 'directory' | 'csv',
  ): Promise<ReadonlyMap<string, string>> {
    const teams = lines.flatMap(({ kind, after }) =>
      kind === 'team' && after?.teamId && after.teamName ? [{ id: after.teamId, name: after.teamName }] : [],
    );
    const positions = lines.flatMap(({ kind, after }) =>
      kind === 'position' && after?.positionId && after.positionName && after.frameworkId
        ? [{ id: after.positionId, name: after.positionName, frameworkId: after.frameworkId }]
        : [],
    );
    await this.references.createMissingTeams(tx, teams.map(({ name }) => name), by, origin); // prettier-ignore
    if (positions.length > 0) await this.references.createMissingPositions(tx, positions, by, 'csv');
    const { teamsByName, positionsByName } = await this.references.reference(tx);
    const real = new Map<string, string>();
    for (const { id, name } of teams) {
      const made = teamsByName.get(foldName(name));
      if (made !== undefined) real.set(id, made.id);
    }
    for (const { id, name, frameworkId } of positions) {
      const made = positionsByName.get(foldName(name))?.find((one) => one.frameworkId === frameworkId);
      if (made !== undefined) real.set(id, made.id);
    }
    return real;
  }
}
