import { Injectable } from '@nestjs/common';
import type { AuditContext } from '../audit/audit.types.js';
import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { localReason } from '../people/local-reasons.js';
import { PeopleWriter } from '../people/people-writer.service.js';
import type { Change, ChangedBy } from '../people/people.types.js';
import { refusal } from '../people/refusals.js';
import type { NamePerson } from './operators.dto.js';
import { OperatorPeopleRepository } from './operator-people.repository.js';

/** People whom the operator brings in by name: the first admin of an organisation, and operators. */
@Injectable()
export class OperatorPeople {
  constructor(
    private readonly people: OperatorPeopleRepository,
    private readonly writer: PeopleWriter,
  ) {}

  /**
   * The first admin of an organisation. Where one can act already, that one makes others: an operator has no way into an
   * organisation but a support session (T-13). One who was named by a wrong address never signs in, and is in nobody's way.
   *
   * @throws {RollcallError} `organisation.has_admin`, and as `bringIn`
   */
  async bringInFirstAdmin(
    tx: Tx,
    who: NamePerson,
    by: AuditContext,
  ): Promise<{ personId: string; emailCanonical: string }> {
    const made = await this.bringIn(tx, who, { isAdmin: true, by });
    if (await this.people.hasOtherAdmin(tx, made.emailCanonical))
      throw new RollcallError(
        'organisation.has_admin',
        'The organisation has an admin, who makes others; begin a support session to help.',
      );
    return made;
  }

  /**
   * Whoever has the address, active, and an admin when that is asked for; made when nobody has it. Names are written for
   * somebody new alone.
   *
   * @throws {RollcallError} `person.address_invalid`, `person.archived`
   */
  async bringIn(
    tx: Tx,
    { email, firstName, lastName }: NamePerson,
    { isAdmin, by }: { isAdmin: boolean; by: AuditContext },
  ): Promise<{ personId: string; emailCanonical: string }> {
    const emailCanonical = canonicalEmail(email);
    if (emailCanonical === null) throw new RollcallError('person.address_invalid', 'This is not an e-mail address.');
    const known = await this.people.byAddress(tx, emailCanonical);
    if (known?.state === 'archived') {
      throw new RollcallError('person.archived', 'Somebody archived has this address: restore them instead.', {
        personId: known.id,
      });
    }
    const personId = known?.id ?? newId();
    const changedBy: ChangedBy = { origin: 'admin', actor: by.by, requestId: by.requestId, address: by.address };
    if (known === null) {
      const after = {
        ...{ email: email.normalize('NFC').trim(), emailCanonical, firstName, lastName },
        ...{ state: 'active' as const, isAdmin, isProtected: false },
      };
      await this.apply(
        tx,
        { kind: 'add', personId, before: null, after, expectedVersion: null },
        { ...changedBy, origin: 'manual' },
      );
    } else if (known.state === 'pending' || (isAdmin && !known.isAdmin)) {
      const before = { state: known.state, isAdmin: known.isAdmin };
      const after = { state: 'active' as const, isAdmin: isAdmin || known.isAdmin };
      await this.apply(tx, { kind: 'update', personId, before, after, expectedVersion: known.version }, changedBy);
    }
    return { personId, emailCanonical };
  }

  private async apply(tx: Tx, change: Omit<Change, 'id' | 'reason'>, by: ChangedBy): Promise<void> {
    const id = newId();
    const results = await this.writer.apply(tx, [{ ...change, id, reason: localReason('named_by_operator') }], by);
    const error = refusal(results.get(id) ?? 'stale');
    if (error) throw error;
  }
}
