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
import type { AliasesPage, AliasesQuery, AliasView, CreateAlias } from './frameworks.dto.js';
import type { AliasRow } from './frameworks.types.js';
import { comparable } from './names.js';
import { ReferenceService } from './reference.service.js';
import { TeamsRepository } from './teams.repository.js';

/** Other names of teams and positions. One is applied to everybody who has it, backwards too. */
@Injectable()
export class AliasesService {
  constructor(
    private readonly database: Database,
    private readonly teams: TeamsRepository,
    private readonly reference: ReferenceService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(organisationId: string, query: AliasesQuery): Promise<AliasesPage> {
    const after = decodeCursor(query.cursor, z.tuple([z.string(), z.string()]));
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.teams.aliases(tx, query.kind ?? null, after, query.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, query.limit, toView, (row) => [row.kind, row.folded]);
  }

  /** @throws {RollcallError} `alias.exists`, `team.not_found`, `position.not_found` */
  async create(organisationId: string, body: CreateAlias, by: AuditContext): Promise<AliasView> {
    const row: AliasRow = {
      id: newId(),
      kind: body.kind,
      name: body.name,
      folded: comparable(body.name),
      teamId: body.kind === 'team' ? body.teamId : null,
      positionId: body.kind === 'position' ? body.positionId : null,
      createdAt: this.clock.now(),
    };
    try {
      await this.database.asOrganisation(organisationId, async (tx) => {
        await this.teams.insertAlias(tx, row);
        await this.reference.nameChanged(tx, row.kind, [row.folded]);
        const detail = { kind: row.kind, of: row.teamId ?? row.positionId };
        await this.audit.record(tx, { ...by, action: 'alias.created', subject: { kind: 'alias', id: row.id }, detail });
      });
    } catch (error) {
      throw asRefusal(error, body.kind);
    }
    return toView(row);
  }

  /** @throws {RollcallError} `alias.not_found` */
  remove(organisationId: string, id: string, by: AuditContext): Promise<void> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const row = await this.teams.findAlias(tx, id);
      if (!row) throw new RollcallError('alias.not_found', 'There is no such alias.');
      await this.reference.nameChanged(tx, row.kind, [row.folded]);
      await this.teams.removeAlias(tx, id);
      await this.audit.record(tx, { ...by, action: 'alias.deleted', subject: { kind: 'alias', id } });
    });
  }
}

function asRefusal(error: unknown, kind: 'team' | 'position'): unknown {
  if (isUniqueViolation(error)) {
    return new RollcallError('alias.exists', 'This other name is in use already: delete that alias first.');
  }
  if (!isForeignKeyViolation(error)) return error;
  return kind === 'team'
    ? new RollcallError('team.not_found', 'There is no such team.')
    : new RollcallError('position.not_found', 'There is no such position.');
}

function toView(row: AliasRow): AliasView {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    teamId: row.teamId,
    positionId: row.positionId,
    createdAt: instant(row.createdAt),
  };
}
