import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { AuditContext } from '../audit/audit.types.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import { FeatureSwitches } from '../organisations/feature-switches.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type {
  CreateOrganisation,
  OperatorOrganisationsPage,
  OperatorOrganisationView,
  OrganisationsQuery,
  SwitchFeatures,
} from './operator-organisations.dto.js';
import { OperatorOrganisationsRepository, type ListedOrganisation } from './operator-organisations.repository.js';

/** The customers of the installation, as its operators see them: counts and states, never their people. */
@Injectable()
export class OperatorOrganisations {
  constructor(
    private readonly database: Database,
    private readonly rows: OperatorOrganisationsRepository,
    private readonly organisations: OrganisationsService,
    private readonly switches: FeatureSwitches,
  ) {}

  /** @throws {RollcallError} `organisation.slug_taken`, `request.invalid` */
  async create(order: CreateOrganisation, by: AuditContext): Promise<OperatorOrganisationView> {
    const { id } = await this.organisations.create(order, by);
    return this.show(id);
  }

  async list({ limit, cursor, q = '' }: OrganisationsQuery): Promise<OperatorOrganisationsPage> {
    const after = decodeCursor(cursor, z.string().max(63));
    const rows = await this.database.asWorker((worker) => this.rows.page(worker, { q, after }, limit + 1), {
      readOnly: true,
    });
    return toPage(rows, limit, listed, (row) => row.slug);
  }

  /** @throws {RollcallError} `organisation.not_found`, for the installation's own too */
  async show(organisationId: string): Promise<OperatorOrganisationView> {
    const row = await this.database.asOrganisation(organisationId, (tx) => this.rows.show(tx), { readOnly: true });
    if (!row) throw new RollcallError('organisation.not_found', 'There is no such organisation.');
    const { ssoEnforced, invitesPerHour, invitesPerDay, people, connections, providers } = row;
    return { ...listed(row), ssoEnforced, invitesPerHour, invitesPerDay, people, connections, providers };
  }

  async change(organisationId: string, to: SwitchFeatures, by: AuditContext): Promise<OperatorOrganisationView> {
    const { invitesPerHour, invitesPerDay } = await this.show(organisationId);
    await this.switches.change(organisationId, to, by);
    await this.switches.limitInvitations(organisationId, { invitesPerHour, invitesPerDay }, to, by);
    return this.show(organisationId);
  }
}

function listed({ id, slug, name, sso, directorySync, deleteAfter, createdAt }: ListedOrganisation) {
  return {
    ...{ id, slug, name, sso, directorySync },
    deleteAfter: instantOrNull(deleteAfter),
    createdAt: instant(createdAt),
  };
}
