import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import { isForeignKeyViolation, isUniqueViolation } from '../database/errors.js';
import type { Tx } from '../database/tx.js';
import type { CreatePosition, PositionsPage, PositionsQuery, PositionView, UpdatePosition } from './frameworks.dto.js';
import { FrameworksRepository } from './frameworks.repository.js';
import type { PositionRow } from './frameworks.types.js';
import { comparable } from './names.js';
import { ReferenceService } from './reference.service.js';
import { TeamsRepository } from './teams.repository.js';

/** The positions of a framework, in order of seniority: ranks are 1, 2, 3 … without a gap. */
@Injectable()
export class PositionsService {
  constructor(
    private readonly database: Database,
    private readonly frameworks: FrameworksRepository,
    private readonly teams: TeamsRepository,
    private readonly reference: ReferenceService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(organisationId: string, query: PositionsQuery): Promise<PositionsPage> {
    const after = decodeCursor(query.cursor, z.tuple([z.uuid(), z.number().int(), z.uuid()]));
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.frameworks.positions(tx, query.frameworkId ?? null, after, query.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, query.limit, toView, (row) => [row.frameworkId, row.rank, row.id]);
  }

  show(organisationId: string, id: string): Promise<PositionView> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => toView(found(await this.frameworks.findPosition(tx, id))),
      { readOnly: true },
    );
  }

  /** @throws {RollcallError} `framework.not_found`, `position.exists` */
  create(organisationId: string, { frameworkId, name, rank }: CreatePosition, by: AuditContext): Promise<PositionView> {
    const folded = comparable(name);
    return this.unique(() =>
      this.database.asOrganisation(organisationId, async (tx) => {
        const top = await this.lockOrder(tx, frameworkId);
        const place = Math.min(rank ?? top + 1, top + 1);
        await this.frameworks.shift(tx, frameworkId, place, top, 1);
        const row = { id: newId(), frameworkId, name, folded, rank: place, createdAt: this.clock.now() };
        await this.frameworks.insertPosition(tx, row);
        await this.reference.nameChanged(tx, 'position', [folded]);
        await this.audit.record(tx, { ...by, action: 'position.created', subject: { kind: 'position', id: row.id } });
        return toView(row);
      }),
    );
  }

  /** @throws {RollcallError} `position.not_found`, `position.exists` */
  update(organisationId: string, id: string, change: UpdatePosition, by: AuditContext): Promise<PositionView> {
    return this.unique(() =>
      this.database.asOrganisation(organisationId, async (tx) => {
        const { frameworkId } = found(await this.frameworks.findPosition(tx, id));
        const top = await this.lockOrder(tx, frameworkId);
        const row = found(await this.frameworks.findPosition(tx, id));
        const name = change.name ?? row.name;
        const next = { ...row, name, folded: comparable(name), rank: Math.min(change.rank ?? row.rank, top) };
        if (next.rank < row.rank) await this.frameworks.shift(tx, frameworkId, next.rank, row.rank - 1, 1);
        if (next.rank > row.rank) await this.frameworks.shift(tx, frameworkId, row.rank + 1, next.rank, -1);
        await this.frameworks.updatePosition(tx, next);
        if (next.folded !== row.folded)
          await this.reference.nameChanged(tx, 'position', [row.folded, next.folded], [id]);
        const fields = Object.keys(change);
        await this.audit.record(tx, { ...by, action: 'position.updated', subject: { kind: 'position', id }, fields });
        return toView(next);
      }),
    );
  }

  /** Its aliases go with it. @throws {RollcallError} `position.not_found`, `position.in_use` while somebody holds it */
  async remove(organisationId: string, id: string, by: AuditContext): Promise<void> {
    try {
      await this.database.asOrganisation(organisationId, async (tx) => {
        const { frameworkId } = found(await this.frameworks.findPosition(tx, id));
        const top = await this.lockOrder(tx, frameworkId);
        const row = found(await this.frameworks.findPosition(tx, id));
        const aliases = await this.teams.removeAliasesOf(tx, 'position', id);
        await this.frameworks.removePosition(tx, id);
        await this.frameworks.shift(tx, frameworkId, row.rank + 1, top, -1);
        await this.reference.nameChanged(tx, 'position', [row.folded]);
        await this.audit.recordMany(tx, by, [
          ...aliases.map((alias) => ({ action: 'alias.deleted' as const, subject: { kind: 'alias', id: alias } })),
          { action: 'position.deleted', subject: { kind: 'position', id } },
        ]);
      });
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      throw new RollcallError(
        'position.in_use',
        'Somebody holds the position, archived people included: give them another one first.',
      );
    }
  }

  /** Holds the order of the framework's positions, and says how many there are. */
  private async lockOrder(tx: Tx, frameworkId: string): Promise<number> {
    if (!(await this.frameworks.lock(tx, frameworkId))) {
      throw new RollcallError('framework.not_found', 'There is no such framework.');
    }
    return this.frameworks.countPositions(tx, frameworkId);
  }

  private async unique<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isUniqueViolation(error, 'position_organisation_id_framework_id_folded_key')) throw error;
      throw new RollcallError('position.exists', 'The framework has a position of this name already.');
    }
  }
}

function found(row: PositionRow | null): PositionRow {
  if (!row) throw new RollcallError('position.not_found', 'There is no such position.');
  return row;
}

function toView(row: PositionRow): PositionView {
  return {
    id: row.id,
    frameworkId: row.frameworkId,
    name: row.name,
    rank: row.rank,
    createdAt: instant(row.createdAt),
  };
}
