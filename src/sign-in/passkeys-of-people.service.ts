import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Mails } from '../mail/mails.service.js';
import { Operators } from '../organisations/operators.service.js';
import { PeopleService } from '../people/people.service.js';
import type { PasskeysList } from './passkeys.dto.js';
import { PasskeysRepository, type PasskeyOwner } from './passkeys.repository.js';
import { toView } from './passkeys.service.js';

/** The passkeys of others: an admin sees them, and removes the one of a device that is lost. */
@Injectable()
export class PasskeysOfPeople {
  constructor(
    private readonly database: Database,
    private readonly passkeys: PasskeysRepository,
    private readonly people: PeopleService,
    private readonly operators: Operators,
    private readonly sessions: Sessions,
    private readonly mails: Mails,
    private readonly audit: AuditService,
  ) {}

  /** @throws {RollcallError} `person.not_found` */
  list({ organisationId }: Caller, personId: string): Promise<PasskeysList> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        await this.people.detail(tx, personId);
        return { items: (await this.passkeys.list(tx, personId)).map(toView) };
      },
      { readOnly: true },
    );
  }

  /**
   * All sessions of the person end with it, for whoever has the device may sit in one. It may be their last: they get
   * in by a link or their company's sign-in then, and add another one.
   *
   * @param device From which it is done, as the person reads it in the mail.
   * @throws {RollcallError} `person.not_found`, `passkey.not_found`, `request.forbidden`; `passkey.last` for oneself
   */
  async remove(caller: Caller, personId: string, id: string, device: string): Promise<void> {
    await this.database.asOrganisation(caller.organisationId, async (tx) => {
      await this.people.detail(tx, personId);
      await this.passkeys.lockOwner(tx, personId);
      const owner = await this.passkeys.owner(tx, personId);
      await this.assertMay(tx, caller, personId, owner);
      const removed = await this.passkeys.remove(tx, personId, id);
      if (removed === null) throw new RollcallError('passkey.not_found', 'This person has no such passkey.');
      const except = personId === caller.personId ? [caller.credentialId] : [];
      await this.sessions.end(tx, { personIds: [personId], except }, 'factor_changed');
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'passkey.removed',
        subject: { kind: 'person', id: personId },
        detail: { passkey: id },
      });
      if (owner === null) return;
      await this.mails.enqueue(tx, {
        template: 'factor_changed',
        cause: `passkey_removed:${id}`,
        to: owner.emailCanonical,
        personId,
        values: { change: 'passkey_removed', name: removed.name, device },
      });
    });
  }

  /** Whoever takes an admin's passkey away leaves them what is weaker; so it needs what making an admin needs. */
  private async assertMay(tx: Tx, caller: Caller, personId: string, owner: PasskeyOwner | null): Promise<void> {
    if (owner === null || !owner.needsStrong) return;
    if (personId === caller.personId && owner.passkeys === 1 && !owner.hasProvider)
      throw new RollcallError('passkey.last', 'This is your last passkey, and you need one: add another one first.');
    if (caller.kind === 'command_line') return;
    if (caller.operator === null && (await this.operators.isOperator(tx, personId)))
      throw new RollcallError('request.forbidden', 'Only operators can remove a passkey of an operator.');
    if (!caller.scopes.has('people:admin'))
      throw new RollcallError(
        'request.forbidden',
        'Only those who may make admins can remove a passkey of an admin, or of somebody for emergencies.',
        { scope: 'people:admin' },
      );
  }
}
