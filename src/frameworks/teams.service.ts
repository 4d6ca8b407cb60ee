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
import type { CreateTeam, TeamsPage, TeamsQuery, TeamView, UpdateTeam } from './frameworks.dto.js';
import type { TeamRow } from './frameworks.types.js';
import { comparable } from './names.js';
import { ReferenceService } from './reference.service.js';
import { TeamsRepository } from './teams.repository.js';

/** Teams; each has one framework, or none yet. */
@Injectable()
export class TeamsService {
  constructor(
    private readonly database: Database,
    private readonly teams: TeamsRepository,
    private readonly reference: ReferenceService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(organisationId: string, query: TeamsQuery): Promise<TeamsPage> {
    const after = decodeCursor(query.cursor, z.string());
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.teams.list(tx, query.frameworkId ?? null, after, query.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, query.limit, toView, (row) => row.folded);
  }

  show(organisationId: string, id: string): Promise<TeamView> {
    return this.database.asOrganisation(organisationId, async (tx) => toView(found(await this.teams.find(tx, id))), {
      readOnly: true,
    });
  }

  /** @throws {RollcallError} `team.exists`, `framework.not_found` */
  create(organisationId: string, { name, frameworkId }: CreateTeam, by: AuditContext): Promise<TeamView> {
    const folded = comparable(name);
    const row: TeamRow = { id: newId(), name, folded, frameworkId, origin: 'admin', createdAt: this.clock.now() };
    return this.possible(() =>
      this.database.asOrganisation(organisationId, async (tx) => {
        await this.teams.insert(tx, row);
        await this.reference.nameChanged(tx, 'team', [row.folded]);
        await this.audit.record(tx, { ...by, action: 'team.created', subject: { kind: 'team', id: row.id } });
        return toView(row);
      }),
    );
  }

  /** @throws {RollcallError} `team.not_found`, `team.exists`, `framework.not_found` */
  update(organisationId: string, id: string, change: UpdateTeam, by: AuditContext): Promise<TeamView> {
    return this.possible(() =>
      this.database.asOrganisation(organisationId, async (tx) => {
        const row = found(await this.teams.lock(tx, id));
        const name = change.name ?? row.name;
        const frameworkId = change.frameworkId === undefined ? row.frameworkId : change.frameworkId;
        const next = { ...row, name, folded: comparable(name), frameworkId };
        await this.teams.update(tx, next);
        await this.reference.nameChanged(tx, 'team', [row.folded, next.folded], [id]);
        const fields = Object.keys(change);
        await this.audit.record(tx, { ...by, action: 'team.updated', subject: { kind: 'team', id }, fields });
        return toView(next);
      }),
    );
  }

  /**
   * Nobody is put out of a team by deleting it, for history needs it: only an empty one goes, with its aliases.
   *
   * @throws {RollcallError} `team.not_found`, `team.in_use`
   */
  async remove(organisationId: string, id: string, by: AuditContext): Promise<void> {
    try {
      await this.database.asOrganisation(organisationId, async (tx) => {
        const row = found(await this.teams.lock(tx, id));
        const aliases = await this.teams.removeAliasesOf(tx, 'team', id);
        await this.teams.remove(tx, id);
        await this.reference.nameChanged(tx, 'team', [row.folded]);
        await this.audit.recordMany(tx, by, [
          ...aliases.map((alias) => ({ action: 'alias.deleted' as const, subject: { kind: 'alias', id: alias } })),
          { action: 'team.deleted', subject: { kind: 'team', id } },
        ]);
      });
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      throw new RollcallError('team.in_use', 'Somebody is in the team, archived people included: move them first.');
    }
  }

  private async possible<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isUniqueViolation(error, 'team_organisation_id_folded_key')) {
        throw new RollcallError('team.exists', 'There is a team of this name already.');
      }
      if (!isForeignKeyViolation(error, 'team_organisation_id_framework_id_fkey')) throw error;
      throw new RollcallError('framework.not_found', 'There is no such framework.');
    }
  }
}

function found(row: TeamRow | null): TeamRow {
  if (!row) throw new RollcallError('team.not_found', 'There is no such team.');
  return row;
}

function toView(row: TeamRow): TeamView {
  return {
    id: row.id,
    name: row.name,
    frameworkId: row.frameworkId,
    origin: row.origin,
    createdAt: instant(row.createdAt),
  };
}
