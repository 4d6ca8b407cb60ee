import { Inject, Injectable, Logger } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf, type AuditContext } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { assertFresh } from '../auth/fresh.guard.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import { isUniqueViolation } from '../database/errors.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { assertOn, assertStays, type Feature, type Features, type SignInSettings } from './features.js';
import type { OrganisationView, UpdateOrganisation } from './organisations.dto.js';
import { OrganisationsRepository, type OrganisationRow } from './organisations.repository.js';
import type { NewOrganisation, OrganisationListed } from './organisations.types.js';
import { RESERVED_SLUGS } from './reserved-slugs.js';

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** Organisations and their settings; the stop switches of one organisation and of the installation. */
@Injectable()
export class OrganisationsService {
  private readonly logger = new Logger(OrganisationsService.name);

  constructor(
    private readonly database: Database,
    private readonly organisations: OrganisationsRepository,
    private readonly secrets: Secrets,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'session'>,
  ) {}

  /**
   * To be asked where something of a feature is made or begun. Whatever of it is there already asks for itself.
   *
   * @throws {RollcallError} `feature.off`; `organisation.deleting` when the organisation is about to go.
   */
  async requireFeature(tx: Tx, feature: Feature): Promise<void> {
    assertOn(found(await this.organisations.features(tx)), feature);
  }

  /** To be asked before anybody is let in or asked in. @throws {RollcallError} `organisation.deleting` */
  async requireStaying(tx: Tx): Promise<void> {
    assertStays(found(await this.organisations.features(tx)));
  }

  /** The organisation of this transaction. @throws {RollcallError} `organisation.not_found` */
  async own(tx: Tx): Promise<{ id: string; slug: string; name: string }> {
    const { id, slug, name } = found(await this.organisations.own(tx));
    return { id, slug, name };
  }

  /** What is switched on in the organisation of this transaction. */
  async features(tx: Tx): Promise<Features> {
    return found(await this.organisations.features(tx));
  }

  /** What the organisation of this transaction lets people sign in with. */
  async signInSettings(tx: Tx): Promise<SignInSettings> {
    const { sso, ssoEnforced, isInstallation, deleteAfter } = found(await this.organisations.features(tx));
    return { sso, ssoEnforced, isInstallation, deleting: deleteAfter !== null };
  }

  /** For the operator. @throws {RollcallError} `organisation.slug_taken`, `request.invalid` */
  async create(order: NewOrganisation, by: AuditContext = { by: { kind: 'operator' } }): Promise<OrganisationListed> {
    if (!SLUG.test(order.slug)) {
      throw new RollcallError(
        'request.invalid',
        'A short name has 2 to 63 lower-case letters, digits and hyphens, and begins and ends without a hyphen.',
      );
    }
    if (RESERVED_SLUGS.has(order.slug)) {
      throw new RollcallError(
        'request.invalid',
        'This word stands in addresses of Rollcall itself, so it can be nobody’s short name: choose another one.',
      );
    }
    const row = {
      id: newId(),
      slug: order.slug,
      name: order.name.normalize('NFC').trim(),
      createdAt: this.clock.now(),
    };
    try {
      await this.database.asOrganisation(row.id, async (tx) => {
        await this.organisations.insert(tx, {
          ...row,
          sso: order.sso ?? false,
          directorySync: order.directorySync ?? false,
        });
        await this.secrets.addKey(tx, row.id);
        await this.audit.record(tx, {
          ...by,
          action: 'organisation.created',
          subject: { kind: 'organisation', id: row.id },
        });
      });
    } catch (error) {
      if (isUniqueViolation(error, 'organisation_slug_key')) {
        throw new RollcallError('organisation.slug_taken', 'Another organisation has this short name.');
      }
      throw error;
    }
    return { ...row, stoppedAt: null, stopReason: null };
  }

  /** For the operator: all of the installation. */
  list(): Promise<OrganisationListed[]> {
    return this.database.asWorker((worker) => this.organisations.list(worker), { readOnly: true });
  }

  /** For the operator. @throws {RollcallError} `organisation.not_found` */
  async bySlug(slug: string): Promise<OrganisationListed> {
    const row = await this.database.asWorker((worker) => this.organisations.findBySlug(worker, slug), {
      readOnly: true,
    });
    if (!row) throw new RollcallError('organisation.not_found', 'There is no organisation of this short name.');
    return row;
  }

  show(organisationId: string): Promise<OrganisationView> {
    return this.database.asOrganisation(organisationId, async (tx) => toView(found(await this.organisations.own(tx))), {
      readOnly: true,
    });
  }

  /**
   * That people are erased after some days, or sooner than before, is for those alone who may erase.
   *
   * @throws {RollcallError} `request.forbidden`, `session.reauthentication_needed`
   */
  update(caller: Caller, change: UpdateOrganisation): Promise<OrganisationView> {
    const { organisationId } = caller;
    const by = contextOf(caller);
    return this.database.asOrganisation(organisationId, async (tx) => {
      const before = found(await this.organisations.lockOwn(tx));
      const days = change.eraseAfterDays ?? Infinity;
      if (days < (before.eraseAfterDays ?? Infinity)) this.assertMayErase(caller);
      const after = {
        ...before,
        name: change.name ?? before.name,
        runsKeptDays: change.runsKeptDays ?? before.runsKeptDays,
        eraseAfterDays: change.eraseAfterDays === undefined ? before.eraseAfterDays : change.eraseAfterDays,
      };
      const fields = (['name', 'runsKeptDays', 'eraseAfterDays'] as const).filter(
        (field) => before[field] !== after[field],
      );
      if (fields.length > 0) {
        await this.organisations.update(tx, after);
        await this.record(tx, organisationId, { ...by, action: 'organisation.updated', fields });
      }
      return toView(after);
    });
  }

  /** Stops every sync of the organisation at its next batch. Again only changes the reason. */
  stop(organisationId: string, reason: string, by: AuditContext): Promise<OrganisationView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.organisations.stop(tx, this.clock.now(), reason);
      await this.record(tx, organisationId, { ...by, action: 'organisation.stopped' });
      return toView(found(await this.organisations.own(tx)));
    });
  }

  resume(organisationId: string, by: AuditContext): Promise<OrganisationView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      if (await this.organisations.resume(tx))
        await this.record(tx, organisationId, { ...by, action: 'organisation.resumed' });
      return toView(found(await this.organisations.own(tx)));
    });
  }

  /** Stops every sync of everybody at its next batch: the operator's switch. */
  async stopInstallation(reason: string): Promise<void> {
    await this.database.asWorker((worker) => this.organisations.stopInstallation(worker, this.clock.now(), reason));
    this.logger.warn('all syncs of the installation were stopped by the operator');
  }

  async resumeInstallation(): Promise<void> {
    await this.database.asWorker((worker) => this.organisations.stopInstallation(worker, null, null));
    this.logger.warn('the syncs of the installation may run again');
  }

  installation(): Promise<{ name: string; stoppedAt: Date | null; stopReason: string | null }> {
    return this.database.asWorker((worker) => this.organisations.installation(worker), { readOnly: true });
  }

  private assertMayErase(caller: Caller): void {
    if (!caller.scopes.has('people:erase'))
      throw new RollcallError(
        'request.forbidden',
        'People would be erased by this: only those who may erase people can ask for it.',
        { scope: 'people:erase' },
      );
    assertFresh(caller, this.clock.now(), this.config.session.freshMinutes);
  }

  private record(
    tx: Tx,
    id: string,
    entry: AuditContext & {
      action: 'organisation.updated' | 'organisation.stopped' | 'organisation.resumed';
      fields?: string[];
    },
  ): Promise<void> {
    return this.audit.record(tx, { ...entry, subject: { kind: 'organisation', id } });
  }
}

function found<Row>(row: Row | null): Row {
  if (!row) throw new RollcallError('organisation.not_found', 'There is no such organisation.');
  return row;
}

function toView(row: OrganisationRow): OrganisationView {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    runsKeptDays: row.runsKeptDays,
    eraseAfterDays: row.eraseAfterDays,
    stoppedAt: instantOrNull(row.stoppedAt),
    stopReason: row.stopReason,
    installationStoppedAt: instantOrNull(row.installationStoppedAt),
    createdAt: instant(row.createdAt),
  };
}
