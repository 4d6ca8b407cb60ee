import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf, type AuditContext } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { inTurn } from '../common/in-turn.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { EventsService } from '../events/events.service.js';
import { localReason } from './local-reasons.js';
import { PERSONAL_DATA, PersonalDataRepository, type Erasable } from './personal-data.repository.js';

const DAY = 24 * 3_600_000;
/** In one hourly look: a clock or a setting that is wrong is noticed before everybody is gone. */
const MOST_AT_ONCE = 200;

/**
 * G-06: takes the personal data of somebody archived out of everything that is kept; what stays are ids and what happened
 * when. The audit log holds nothing else from the start, so its chain is not touched.
 */
@Injectable()
export class Erasure {
  constructor(
    private readonly database: Database,
    private readonly data: PersonalDataRepository,
    private readonly events: EventsService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param confirm The person's address, typed by whoever asks.
   * @throws {RollcallError} `person.not_found`, `person.erased`, `person.not_archived`, `person.still_in_directory`,
   *   `request.invalid` when `confirm` is another address.
   */
  async erase(caller: Caller, personId: string, confirm: string): Promise<void> {
    await this.within(caller.organisationId, async (tx) => {
      const person = erasable(await this.data.lock(tx, personId));
      if (canonicalEmail(confirm) !== person.emailCanonical)
        throw new RollcallError(
          'request.invalid',
          'confirm: type the address of the person, to be sure who is erased.',
        );
      await this.eraseNow(tx, personId, 'admin', contextOf(caller));
    });
  }

  /**
   * For the recurring clean-up: those who were archived so many days ago.
   *
   * @returns How many were erased.
   */
  async eraseDue(organisationId: string, afterDays: number, now: Date): Promise<number> {
    const before = new Date(now.getTime() - afterDays * DAY);
    const ids = await this.database.asOrganisation(organisationId, (tx) => this.data.due(tx, before, MOST_AT_ONCE), {
      readOnly: true,
    });
    return inTurn(ids, (id) =>
      this.within(organisationId, async (tx) => {
        const person = await this.data.lock(tx, id);
        // Restored, or listed again, since we looked.
        if (person === null || refusalOf(person) !== null) return 0;
        await this.eraseNow(tx, id, 'retention', { by: { kind: 'system' } });
        return 1;
      }),
    );
  }

  private async eraseNow(
    tx: Tx,
    personId: string,
    because: 'admin' | 'retention',
    context: AuditContext,
  ): Promise<void> {
    const at = this.clock.now();
    const who = await this.data.who(tx, personId, at);
    if (who === null) throw new TypeError('a person who is locked is there');
    const counts: Record<string, number> = { event: await this.data.eraseEvents(tx, personId) };
    for (const of of PERSONAL_DATA) counts[of.table] = (counts[of.table] ?? 0) + (await this.data.erase(tx, who, of));
    counts['mention'] = await this.data.eraseMentions(tx, who);
    const id = newId();
    const by = JSON.stringify(context.by);
    await this.data.remember(tx, { id, person: personId, because, by, at, counts: JSON.stringify(counts) });
    await this.audit.record(tx, {
      ...context,
      action: 'person.erased',
      subject: { kind: 'person', id: personId },
      detail: { because, erasure: id, change: id },
    });
    // Whoever keeps copies of the person elsewhere hears of it; what is gone is not told again.
    const reason = localReason(because === 'admin' ? 'erased_by_admin' : 'erased_by_setting').code;
    const payload = { kind: 'erase', origin: 'admin', reason, ...(await this.data.standing(tx, personId)) };
    await this.events.append(tx, [{ id, type: 'person.erased', personId, payload }]);
  }

  private within<T>(organisationId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return retryOnConflict(() => this.database.asOrganisation(organisationId, work));
  }
}

function erasable(person: Erasable | null): Erasable {
  if (person === null) throw new RollcallError('person.not_found', 'There is no such person.');
  const refused = refusalOf(person);
  if (refused !== null) throw refused;
  return person;
}

function refusalOf({ erased, state, listed }: Erasable): RollcallError | null {
  if (erased) return new RollcallError('person.erased', 'The personal data of the person were erased already.');
  if (state !== 'archived') return new RollcallError('person.not_archived', 'Archive the person first.');
  if (!listed) return null;
  return new RollcallError(
    'person.still_in_directory',
    'A directory still lists the person, so their data would come back; take them out of its scope first.',
  );
}
