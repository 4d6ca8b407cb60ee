import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { OperatorsRepository, type OperatorRow } from './operators.repository.js';

export type { OperatorRow } from './operators.repository.js';

/**
 * Operators: people of the installation's own organisation. What serves an organisation may not make one, so their rows
 * are written as the worker, beside the transaction of the audit entry. Whoever dies in between leaves less than is told:
 * nobody is made one before the log says so, and nobody is said to have ended who has not.
 */
@Injectable()
export class Operators {
  constructor(
    private readonly database: Database,
    private readonly operators: OperatorsRepository,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** In a transaction of the installation's own organisation; in any other nobody is one. */
  isOperator(tx: Tx, personId: string): Promise<boolean> {
    return this.operators.isOne(tx, personId);
  }

  /** Wherever the asking transaction is. */
  async isOperatorNow(personId: string): Promise<boolean> {
    const id = await this.installationId();
    if (id === null) return false;
    return this.database.asOrganisation(id, (tx) => this.operators.isOne(tx, personId), { readOnly: true });
  }

  /** Null before the first start has made it. */
  installationId(): Promise<string | null> {
    return this.database.asWorker((worker) => this.operators.installationId(worker), { readOnly: true });
  }

  /** @throws {RollcallError} `organisation.not_found` before the first start has made it. */
  async installation(): Promise<string> {
    const id = await this.installationId();
    if (id === null) {
      throw new RollcallError(
        'organisation.not_found',
        'The installation has no organisation of its own yet; start it.',
      );
    }
    return id;
  }

  /** Those who are operators now, by address; of these `active` ones can sign in. */
  async list(): Promise<OperatorRow[]> {
    const id = await this.installationId();
    if (id === null) return [];
    return this.database.asOrganisation(id, (tx) => this.operators.list(tx), { readOnly: true });
  }

  /**
   * Makes somebody an operator who is a person of the installation's own organisation already. Again changes nothing.
   *
   * @returns False when they were one.
   */
  async make(personId: string, by: AuditContext): Promise<boolean> {
    const installation = await this.installation();
    const now = this.clock.now();
    const told = await this.database.asOrganisation(installation, async (tx) => {
      await this.operators.lock(tx);
      if ((await this.operators.list(tx)).some((one) => one.personId === personId)) return false;
      // What was begun with less must not have more all of a sudden (O-10).
      await this.sessions.end(tx, { personIds: [personId] }, 'role_gained');
      await this.audit.record(tx, { ...by, action: 'operator.made', subject: { kind: 'person', id: personId } });
      await this.operators.endFirstCodes(tx, now);
      return true;
    });
    if (told) await this.database.asWorker((worker) => this.operators.add(worker, installation, personId, by.by, now));
    return told;
  }

  /** Their sessions end at once. @throws {RollcallError} `operator.not_found`, `operator.last` */
  async end(personId: string, by: AuditContext): Promise<void> {
    const installation = await this.installation();
    await this.database.asOrganisation(installation, async (tx) => {
      await this.operators.lock(tx);
      const all = await this.operators.list(tx);
      const one = all.find((each) => each.personId === personId);
      if (!one) throw new RollcallError('operator.not_found', 'They are no operator.');
      if (one.active && all.filter((each) => each.active).length === 1) {
        throw new RollcallError('operator.last', 'This is the last operator; make another one first.');
      }
      await this.sessions.end(tx, { personIds: [personId] }, 'role_lost');
      await this.audit.record(tx, { ...by, action: 'operator.ended', subject: { kind: 'person', id: personId } });
      const now = this.clock.now();
      await this.database.asWorker((worker) => this.operators.end(worker, installation, personId, now));
    });
  }
}
