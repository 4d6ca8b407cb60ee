import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant, type PageQuery } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import { isForeignKeyViolation, isUniqueViolation } from '../database/errors.js';
import type { FrameworksPage, FrameworkView } from './frameworks.dto.js';
import { FrameworksRepository } from './frameworks.repository.js';
import type { FrameworkRow } from './frameworks.types.js';
import { comparable } from './names.js';

/** Frameworks: named sets of positions. */
@Injectable()
export class FrameworksService {
  constructor(
    private readonly database: Database,
    private readonly frameworks: FrameworksRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(organisationId: string, page: PageQuery): Promise<FrameworksPage> {
    const after = decodeCursor(page.cursor, z.string());
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.frameworks.list(tx, after, page.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, page.limit, toView, (row) => row.folded);
  }

  show(organisationId: string, id: string): Promise<FrameworkView> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => toView(found(await this.frameworks.find(tx, id))),
      {
        readOnly: true,
      },
    );
  }

  /** @throws {RollcallError} `framework.exists` */
  create(organisationId: string, name: string, by: AuditContext): Promise<FrameworkView> {
    const row = { id: newId(), name, folded: comparable(name), createdAt: this.clock.now() };
    return this.unique(() =>
      this.database.asOrganisation(organisationId, async (tx) => {
        await this.frameworks.insert(tx, row);
        await this.audit.record(tx, { ...by, action: 'framework.created', subject: { kind: 'framework', id: row.id } });
        return toView(row);
      }),
    );
  }

  /** @throws {RollcallError} `framework.not_found`, `framework.exists` */
  rename(organisationId: string, id: string, name: string, by: AuditContext): Promise<FrameworkView> {
    return this.unique(() =>
      this.database.asOrganisation(organisationId, async (tx) => {
        const row = { ...found(await this.frameworks.lock(tx, id)), name, folded: comparable(name) };
        await this.frameworks.rename(tx, id, row.name, row.folded);
        const subject = { kind: 'framework', id };
        await this.audit.record(tx, { ...by, action: 'framework.updated', subject, fields: ['name'] });
        return toView(row);
      }),
    );
  }

  /** @throws {RollcallError} `framework.not_found`, `framework.in_use` while it has teams or positions */
  async remove(organisationId: string, id: string, by: AuditContext): Promise<void> {
    try {
      await this.database.asOrganisation(organisationId, async (tx) => {
        found(await this.frameworks.lock(tx, id));
        await this.frameworks.remove(tx, id);
        await this.audit.record(tx, { ...by, action: 'framework.deleted', subject: { kind: 'framework', id } });
      });
    } catch (error) {
      if (!isForeignKeyViolation(error)) throw error;
      throw new RollcallError(
        'framework.in_use',
        'The framework still has teams or positions: move or delete them first.',
      );
    }
  }

  private async unique<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isUniqueViolation(error, 'framework_organisation_id_folded_key')) throw error;
      throw new RollcallError('framework.exists', 'There is a framework of this name already.');
    }
  }
}

function found(row: FrameworkRow | null): FrameworkRow {
  if (!row) throw new RollcallError('framework.not_found', 'There is no such framework.');
  return row;
}

function toView(row: FrameworkRow): FrameworkView {
  return { id: row.id, name: row.name, createdAt: instant(row.createdAt) };
}
