import { Inject, Injectable, Logger } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { inTurn } from '../common/in-turn.js';
import { Database } from '../database/database.service.js';
import { FeatureSwitchesRepository } from './feature-switches.repository.js';
import { Installation } from './installation.service.js';
import { OrganisationsService } from './organisations.service.js';

const DAYS = 7;
const LONGEST_MS = 600_000;
/** No foreign key ties each of their rows to the organisation, or to something of it that is tied. */
const WITHOUT_KEY = [
  ...['person', 'person_token', 'event', 'audit_entry', 'team', 'alias', 'override', 'planned_change'],
  ...['staged_page', 'staged_record', 'staged_evidence'],
];
const A_DAY = 24 * 3_600_000;

/**
 * G-08: how an organisation ends. Asked for, it is closed at once: nobody signs in, nothing is synced. Seven days later
 * every row of it goes, its log included; until then it can be kept.
 */
@Injectable()
export class OrganisationDeletion {
  private readonly log = new Logger('deletion');

  constructor(
    private readonly database: Database,
    private readonly organisations: OrganisationsService,
    private readonly rows: FeatureSwitchesRepository,
    private readonly installation: Installation,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Asked for again, the day stays.
   *
   * @param typed Its short name, typed by whoever asks.
   * @returns When it is gone.
   * @throws {RollcallError} `organisation.not_found`, also for the installation's own; `organisation.deletion_unconfirmed`
   */
  ask(organisationId: string, typed: string, by: AuditContext): Promise<Date> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const { slug } = await this.organisations.own(tx);
      const { isInstallation, deleteAfter } = await this.organisations.features(tx);
      if (isInstallation) throw new RollcallError('organisation.not_found', 'There is no such organisation.');
      if (typed !== slug) {
        throw new RollcallError('organisation.deletion_unconfirmed', 'This is not the short name of the organisation.');
      }
      if (deleteAfter !== null) return deleteAfter;
      const now = this.clock.now();
      const at = new Date(now.getTime() + DAYS * A_DAY);
      await this.rows.setDeleteAfter(tx, at);
      await this.sessions.end(tx, { everybody: true }, 'ended_by_admin');
      await this.rows.endAttempts(tx, now);
      await this.rows.endLinks(tx, now);
      const subject = { kind: 'organisation', id: organisationId };
      await this.audit.record(tx, { ...by, action: 'organisation.deletion_asked', subject, detail: { days: DAYS } });
      return at;
    });
  }

  /** Its people sign in again. @throws {RollcallError} `organisation.not_found` */
  stop(organisationId: string, by: AuditContext): Promise<void> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      if ((await this.organisations.features(tx)).deleteAfter === null) return;
      await this.rows.setDeleteAfter(tx, null);
      const subject = { kind: 'organisation', id: organisationId };
      await this.audit.record(tx, { ...by, action: 'organisation.deletion_stopped', subject });
    });
  }

  /** For the schedule: those whose time is over, by our clock and the database's. @returns How many went. */
  async deleteDue(now = this.clock.now()): Promise<number> {
    const due = await this.database.asWorker((worker) => this.rows.dueForDeletion(worker, now), { readOnly: true });
    if (due.length === 0) return 0;
    // From its time on nobody begins to write for it; who had begun before is waited for.
    for (const table of WITHOUT_KEY) await this.database.asWorker((worker) => this.rows.awaitWriters(worker, table));
    return inTurn(due, async (id) => {
      await this.delete(id);
      return 1;
    });
  }

  /**
   * Its log goes with it, so that the log of the installation says that it went: before it does, for whoever dies in between
   * must not leave it gone and untold. It is said once, however often it takes.
   */
  private async delete(id: string): Promise<void> {
    const installation = await this.installation.ensure();
    await this.database.asOrganisation(installation, async (tx) => {
      const told = { action: 'organisation.deleted' as const, subjectKind: 'organisation', subjectId: id, runId: null };
      if ((await this.audit.page(tx, installation, told, null, 1)).entries.length > 0) return;
      const subject = { kind: 'organisation', id };
      await this.audit.record(tx, { by: { kind: 'system' }, action: told.action, subject });
    });
    await this.database.asWorker((worker) => this.rows.delete(worker, id), { timeoutMs: LONGEST_MS });
    this.log.warn({ organisationId: id }, 'an organisation was deleted, as was asked for seven days ago');
  }
}
