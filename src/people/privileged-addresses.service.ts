import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../auth/auth.types.js';
import { assertFresh } from '../auth/fresh.guard.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import type { Tx } from '../database/tx.js';
import { PeopleRepository, type ListedPerson } from './people.repository.js';

/**
 * A link to sign in goes to the address that a person has: whoever gives an admin another address could sign in as them.
 * So it is no edit like others. It needs what making an admin needs, and operators change those of operators.
 */
@Injectable()
export class PrivilegedAddresses {
  constructor(
    private readonly people: PeopleRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'session'>,
  ) {}

  /** @throws {RollcallError} `request.forbidden`, `session.reauthentication_needed` */
  async assertMayChange(tx: Tx, caller: Caller, person: ListedPerson): Promise<void> {
    const { isOperator, isBreakGlass } = await this.people.privileges(tx, person.id);
    if (!person.isAdmin && !isOperator && !isBreakGlass) return;
    if (isOperator && caller.operator === null && caller.kind !== 'command_line')
      throw new RollcallError('request.forbidden', 'Only operators can change the address of an operator.');
    if (!isOperator && !caller.scopes.has('people:admin'))
      throw new RollcallError(
        'request.forbidden',
        'Whoever has the address of an admin can sign in as one: only those who may make admins can change it.',
        { scope: 'people:admin' },
      );
    assertFresh(caller, this.clock.now(), this.config.session.freshMinutes);
  }
}
