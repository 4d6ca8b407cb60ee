import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { foldName } from '../common/fold.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import type { Reference } from '../sync/facts.js';
import { LONGEST_NAME } from './frameworks.types.js';
import { ReferenceRepository } from './reference.repository.js';

/** What the engine resolves departments and titles by, and what is looked at again when that changes. */
@Injectable()
export class ReferenceService {
  constructor(
    private readonly names: ReferenceRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async reference(tx: Tx): Promise<Reference> {
    const [teams, positions, aliases] = [
      await this.names.teams(tx),
      await this.names.positions(tx),
      await this.names.aliases(tx),
    ];
    return {
      fold: foldName,
      teamsByName: new Map(teams.map(({ id, frameworkId, folded }) => [folded, { id, frameworkId }])),
      teamsById: new Map(teams.map(({ id, frameworkId, name }) => [id, { id, frameworkId, name }])),
      positionsByName: Map.groupBy(
        positions.map(({ id, frameworkId, folded }) => ({ id, frameworkId, folded })),
        (position) => position.folded,
      ),
      positionsById: new Map(positions.map(({ id, frameworkId }) => [id, { id, frameworkId }])),
      teamAliases: new Map(aliases.flatMap(({ folded, teamId }) => (teamId === null ? [] : [[folded, teamId]]))),
      positionAliases: new Map(
        aliases.flatMap(({ folded, positionId }) => (positionId === null ? [] : [[folded, positionId]])),
      ),
    };
  }

  /**
   * Makes the teams that a directory has and the organisation does not; call it before the plan is made, with the
   * departments as received. Names that fold to the same are one team, named as the first of them. They have no framework.
   *
   * @returns How many were made.
   */
  async createMissingTeams(tx: Tx, departments: Iterable<string>, by: AuditContext): Promise<number> {
    const wanted = new Map<string, string>();
    for (const name of departments) {
      const folded = foldName(name);
      if (folded !== '' && name.length <= LONGEST_NAME && !wanted.has(folded)) wanted.set(folded, name.trim());
    }
    if (wanted.size === 0) return 0;
    const aliased = new Set(
      (await this.names.aliases(tx)).flatMap(({ kind, folded }) => (kind === 'team' ? folded : [])),
    );
    const rows = [...wanted]
      .filter(([folded]) => !aliased.has(folded))
      .map(([folded, name]) => ({ id: newId(), name, folded }));
    const made = await this.names.addTeams(tx, JSON.stringify(rows), this.clock.now());
    const entries = made.map((id) => ({
      action: 'team.created' as const,
      subject: { kind: 'team', id },
      detail: { origin: 'directory' },
    }));
    await this.audit.recordMany(tx, by, entries);
    const names = rows.filter((row) => made.includes(row.id)).map((row) => row.folded);
    await this.nameChanged(tx, 'team', names);
    return made.length;
  }

  /**
   * A name came to mean something, or something else: whoever has it in a directory is planned again, backwards too.
   *
   * @param folded The names, folded: new ones and old ones alike.
   * @param ids Teams or positions whose people are looked at again as well.
   */
  async nameChanged(
    tx: Tx,
    kind: 'team' | 'position',
    folded: readonly string[],
    ids: readonly string[] = [],
  ): Promise<void> {
    const meant = new Set(folded);
    const unmatched = (await this.names.unmatched(tx, kind))
      .map(({ name }) => name)
      .filter((name) => meant.has(foldName(name)));
    if (unmatched.length > 0) await this.names.unsettleUnmatched(tx, kind, unmatched);
    const named = kind === 'team' ? await this.names.teams(tx) : await this.names.positions(tx);
    const bearers = named.filter((one) => meant.has(one.folded)).map((one) => one.id);
    const aliased = (await this.names.aliases(tx))
      .filter((one) => one.kind === kind && meant.has(one.folded))
      .map((one) => one.teamId ?? one.positionId)
      .filter((id) => id !== null);
    const concerned = [...new Set([...ids, ...bearers, ...aliased])];
    if (concerned.length > 0) await this.names.unsettlePeopleOf(tx, kind, concerned);
  }
}
