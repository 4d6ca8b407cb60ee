import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { foldName } from '../common/fold.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import type { Reference } from '../sync/facts.js';
import { FrameworksRepository } from './frameworks.repository.js';
import { LONGEST_NAME } from './frameworks.types.js';
import { ReferenceRepository } from './reference.repository.js';

/** What the engine resolves departments and titles by, and what is looked at again when that changes. */
@Injectable()
export class ReferenceService {
  constructor(
    private readonly names: ReferenceRepository,
    private readonly frameworks: FrameworksRepository,
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
   * Makes the teams that a directory or a file has and the organisation does not, with the names as received. Names that
   * fold to the same are one team, named as the first of them. They have no framework.
   *
   * @returns How many were made.
   */
  async createMissingTeams(
    tx: Tx,
    departments: Iterable<string>,
    by: AuditContext,
    origin: 'directory' | 'csv' = 'directory',
  ): Promise<number> {
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
    const made = await this.names.addTeams(tx, JSON.stringify(rows), origin, this.clock.now());
    const entries = made.map((id) => ({
      action: 'team.created' as const,
      subject: { kind: 'team', id },
      detail: { origin },
    }));
    await this.audit.recordMany(tx, by, entries);
    const names = rows.filter((row) => made.includes(row.id)).map((row) => row.folded);
    await this.nameChanged(tx, 'team', names);
    return made.length;
  }

  /**
   * Makes positions that a framework does not have: the most junior ones of it, in the order given. One that is gone
   * meanwhile gets none.
   *
   * @returns How many were made.
   */
  async createMissingPositions(
    tx: Tx,
    wanted: readonly { frameworkId: string; name: string }[],
    by: AuditContext,
    origin: 'csv',
  ): Promise<number> {
    let made = 0;
    // In one order: whoever changes the order of a framework holds it.
    const frameworks = [...Map.groupBy(wanted, ({ frameworkId }) => frameworkId)].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [frameworkId, positions] of frameworks) {
      if ((await this.frameworks.lock(tx, frameworkId)) === null) continue;
      made += await this.addPositions(tx, frameworkId, positions.map(({ name }) => name), by, origin); // prettier-ignore
    }
    return made;
  }

  private async addPositions(
    tx: Tx,
    frameworkId: string,
    names: readonly string[],
    by: AuditContext,
    origin: 'csv',
  ): Promise<number> {
    const there = new Set(
      (await this.names.positions(tx)).flatMap((one) => (one.frameworkId === frameworkId ? one.folded : [])),
    );
    const missing = new Map<string, string>();
    for (const name of names) {
      const folded = foldName(name);
      if (folded === '' || name.length > LONGEST_NAME || there.has(folded) || missing.has(folded)) continue;
      missing.set(folded, name.trim());
    }
    if (missing.size === 0) return 0;
    const rows = [...missing].map(([folded, name], at) => ({ id: newId(), name, folded, rank: at + 1 }));
    await this.frameworks.shift(tx, frameworkId, 1, there.size, rows.length);
    await this.names.addPositions(tx, frameworkId, JSON.stringify(rows), this.clock.now());
    const entries = rows.map(({ id }) => ({
      action: 'position.created' as const,
      subject: { kind: 'position', id },
      detail: { origin },
    }));
    await this.audit.recordMany(tx, by, entries);
    await this.nameChanged(tx, 'position', [...missing.keys()]);
    return rows.length;
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
