import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import { FeatureSwitchesRepository } from './feature-switches.repository.js';
import { OrganisationsRepository } from './organisations.repository.js';

/** Null: as the settings of the installation say. */
export interface InvitationLimits {
  invitesPerHour: number | null;
  invitesPerDay: number | null;
}

/** What the operator switches on and off for an organisation. */
@Injectable()
export class FeatureSwitches {
  constructor(
    private readonly database: Database,
    private readonly organisations: OrganisationsRepository,
    private readonly switches: FeatureSwitchesRepository,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * O-47: without single sign-on, sign-ins under way and sessions that began by it end at once. Without directory sync
   * nothing is read any more, and what runs stops at its next batch. Nothing that was set up is lost by either.
   *
   * @throws {RollcallError} `organisation.not_found`
   */
  async change(
    organisationId: string,
    to: { name?: string | undefined; sso?: boolean | undefined; directorySync?: boolean | undefined },
    by: AuditContext,
  ): Promise<void> {
    await this.database.asOrganisation(organisationId, async (tx) => {
      const before = await this.organisations.lockOwn(tx);
      const features = await this.organisations.features(tx);
      if (!before || !features) throw new RollcallError('organisation.not_found', 'There is no such organisation.');
      const after = {
        name: to.name ?? before.name,
        sso: to.sso ?? features.sso,
        directorySync: to.directorySync ?? features.directorySync,
      };
      await this.switches.set(tx, after);
      if (features.sso && !after.sso) {
        await this.switches.endAttempts(tx, this.clock.now());
        for (const identityProviderId of await this.switches.providerIds(tx))
          await this.sessions.end(tx, { identityProviderId }, 'provider_disabled');
      }
      const subject = { kind: 'organisation', id: organisationId };
      if (after.name !== before.name)
        await this.audit.record(tx, { ...by, action: 'organisation.updated', subject, fields: ['name'] });
      for (const feature of ['sso', 'directorySync'] as const) {
        if (features[feature] === after[feature]) continue;
        const detail = { feature: feature === 'sso' ? 'sso' : 'directory_sync', on: after[feature] };
        await this.audit.record(tx, { ...by, action: 'organisation.feature_switched', subject, detail });
      }
    });
  }

  /** How many invitations an organisation sends by hand is no organisation's to say: the worker writes it (I-18). */
  async limitInvitations(
    organisationId: string,
    before: InvitationLimits,
    to: { [Limit in keyof InvitationLimits]?: InvitationLimits[Limit] | undefined },
    by: AuditContext,
  ): Promise<void> {
    const after = {
      invitesPerHour: to.invitesPerHour === undefined ? before.invitesPerHour : to.invitesPerHour,
      invitesPerDay: to.invitesPerDay === undefined ? before.invitesPerDay : to.invitesPerDay,
    };
    const fields = (['invitesPerHour', 'invitesPerDay'] as const).filter((field) => after[field] !== before[field]);
    if (fields.length === 0) return;
    await this.database.asWorker(async (worker) => {
      await this.switches.limitInvitations(worker, organisationId, after);
      const subject = { kind: 'organisation', id: organisationId };
      await this.database.asOrganisation(organisationId, (tx) =>
        this.audit.record(tx, { ...by, action: 'organisation.updated', subject, fields }),
      );
    });
  }
}
