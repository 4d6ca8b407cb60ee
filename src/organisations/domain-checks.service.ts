import type { Resolver } from 'node:dns/promises';
import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { inTurn } from '../common/in-turn.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { lapsedBefore } from './domain-rules.js';
import type { DomainView } from './domains.dto.js';
import { DomainsRepository, type DomainRow } from './domains.repository.js';
import { DomainsService, recordOf, toDomainView } from './domains.service.js';
import { textsAt, TXT_RESOLVER } from './txt-records.js';

const A_DAY = 24 * 3_600_000;
const AT_ONCE = 50;
const SYSTEM: AuditContext = { by: { kind: 'system' } };

/** What the DNS said of a domain. `no_answer` proves nothing either way. */
type Seen = 'found' | 'missing' | 'no_answer';

/**
 * O-43: whether a domain shows what its owner was asked to publish. What was proven by that is looked at again every day; a
 * proof that has failed for a week is none any more, and the domain is free for whoever has it now.
 */
@Injectable()
export class DomainChecks {
  constructor(
    private readonly database: Database,
    private readonly domains: DomainsService,
    private readonly rows: DomainsRepository,
    private readonly audit: AuditService,
    @Inject(TXT_RESOLVER) private readonly resolver: Resolver,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Looks in the DNS now, and verifies the domain when the record is there.
   *
   * @throws {RollcallError} `domain.not_found`, `domain.record_missing`, `domain.not_available`
   */
  async check(organisationId: string, id: string, by: AuditContext): Promise<DomainView> {
    const row = await this.find(organisationId, id);
    const seen = await this.look(row);
    const { view, refused } = await this.database.asOrganisation(organisationId, (tx) => this.note(tx, id, seen, by));
    if (refused !== null) throw refused;
    return view;
  }

  /** For the schedule: looks again at what was proven more than a day ago. @returns At how many. */
  async recheckDue(limit = AT_ONCE): Promise<number> {
    const before = new Date(this.clock.now().getTime() - A_DAY);
    const due = await this.database.asWorker((worker) => this.rows.dueForCheck(worker, before, limit), {
      readOnly: true,
    });
    return inTurn(due, async ({ organisationId, id }) => {
      await this.recheck(organisationId, id);
      return 1;
    });
  }

  private async recheck(organisationId: string, id: string): Promise<void> {
    const row = await this.database.asOrganisation(organisationId, (tx) => this.rows.find(tx, id), { readOnly: true });
    // Removed since it was found to be due.
    if (row === null) return;
    const seen = await this.look(row);
    await this.database.asOrganisation(organisationId, (tx) => this.note(tx, id, seen, SYSTEM));
  }

  private find(organisationId: string, id: string): Promise<DomainRow> {
    return this.database.asOrganisation(organisationId, async (tx) => found(await this.rows.find(tx, id)), {
      readOnly: true,
    });
  }

  private async look(row: DomainRow): Promise<Seen> {
    const { name, value } = recordOf(row);
    const texts = await textsAt(this.resolver, name);
    if (texts === null) return 'no_answer';
    return texts.includes(value) ? 'found' : 'missing';
  }

  /** A refusal is told and not thrown here: what was seen is kept. */
  private async note(
    tx: Tx,
    id: string,
    seen: Seen,
    by: AuditContext,
  ): Promise<{ view: DomainView; refused: RollcallError | null }> {
    const now = this.clock.now();
    const row = found(await this.rows.lock(tx, id));
    await this.rows.noteChecked(tx, id, now);
    let refused: RollcallError | null = null;
    if (row.verifiedBy === 'dns' || row.verifiedAt === null) {
      refused = seen === 'found' ? await this.keep(tx, row, now, by) : await this.fail(tx, row, seen, now);
    } else if (seen !== 'found') {
      // Who has verified it otherwise needs no record.
      refused = missing(row, seen);
    }
    return { view: toDomainView(found(await this.rows.find(tx, id))), refused };
  }

  private async keep(tx: Tx, row: DomainRow, at: Date, by: AuditContext): Promise<RollcallError | null> {
    if (row.verifiedAt !== null) {
      await this.rows.noteFailing(tx, row.id, null);
      await this.rows.mendNotice(tx, row.id, at);
      return null;
    }
    const how = { by: 'dns', reason: null, connectionId: null, at } as const;
    if (await this.domains.verify(tx, row.name, how, by)) {
      await this.rows.mendNotice(tx, row.id, at);
      return null;
    }
    return new RollcallError('domain.not_available', 'This domain cannot be verified for this organisation.');
  }

  private async fail(tx: Tx, row: DomainRow, seen: Exclude<Seen, 'found'>, now: Date): Promise<RollcallError> {
    if (row.verifiedAt === null) return missing(row, seen);
    const subject = { kind: 'domain', id: row.id };
    if (row.failingSince !== null && row.failingSince <= lapsedBefore(now)) {
      await this.rows.lapse(tx, row.id);
      const message = `${row.name} is not verified any more: its DNS record was missing for seven days. Publish it and check again.`;
      await this.rows.notify(tx, row.id, message, now);
      await this.audit.record(tx, { ...SYSTEM, action: 'domain.lapsed', subject });
    } else if (row.failingSince === null) {
      await this.rows.noteFailing(tx, row.id, now);
      const message = `The DNS does not show the record of ${row.name} any more. In seven days the domain is not verified any more.`;
      await this.rows.notify(tx, row.id, message, now);
      await this.audit.record(tx, { ...SYSTEM, action: 'domain.failing', subject, detail: { because: seen } });
    }
    return missing(row, seen);
  }
}

function missing(row: DomainRow, seen: Exclude<Seen, 'found'>): RollcallError {
  const { name, value } = recordOf(row);
  const what = seen === 'missing' ? 'The DNS does not show the record yet' : 'The DNS of this domain does not answer';
  return new RollcallError(
    'domain.record_missing',
    `${what}: publish a TXT record at ${name} with the text ${value}, and try again in some minutes.`,
  );
}

function found(row: DomainRow | null): DomainRow {
  if (!row) throw new RollcallError('domain.not_found', 'There is no such domain.');
  return row;
}
