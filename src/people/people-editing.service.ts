import { Injectable } from '@nestjs/common';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { ManagerChainsRepository } from './manager-chains.repository.js';
import { localReason, type LocalReason } from './local-reasons.js';
import { managedFields } from './managed-fields.js';
import type { CreatePerson, EditPerson, PersonDetailView, SwitchPerson } from './people.dto.js';
import { PeopleRepository, type ListedPerson } from './people.repository.js';
import { PeopleService } from './people.service.js';
import type { Change, ChangedBy, PersonFields } from './people.types.js';
import { PeopleWriter } from './people-writer.service.js';
import { PrivilegedAddresses } from './privileged-addresses.service.js';
import { RecordsRepository } from './records.repository.js';
import { refusal } from './refusals.js';

/** What an admin does to people by hand. Fields that a directory keeps in step are changed there. */
@Injectable()
export class PeopleEditing {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly records: RecordsRepository,
    private readonly chains: ManagerChainsRepository,
    private readonly writer: PeopleWriter,
    private readonly reading: PeopleService,
    private readonly addresses: PrivilegedAddresses,
  ) {}

  /** @throws {RollcallError} `person.address_invalid`, `person.address_taken`, `person.archived` when somebody archived has the address */
  create(caller: Caller, body: CreatePerson): Promise<PersonDetailView> {
    const { email, ...rest } = body;
    const id = newId();
    return this.within(caller, async (tx) => {
      const address = addressOf(email);
      const known = await this.people.findByAddress(tx, address.emailCanonical);
      if (known?.state === 'archived') {
        throw new RollcallError('person.archived', 'Somebody archived has this address: restore them instead.', {
          personId: known.id,
        });
      }
      await this.assertReferences(tx, id, body);
      const after: Partial<PersonFields> = { ...rest, ...address, isAdmin: false, isProtected: false };
      const by = { ...byCaller(caller), origin: 'manual' as const };
      await this.apply(
        tx,
        { kind: 'add', personId: id, before: null, after, expectedVersion: null },
        'created_here',
        by,
      );
      return this.reading.detail(tx, id);
    });
  }

  /**
   * @throws {RollcallError} `person.field_managed` with the connection of each field, `person.changed`, `person.address_taken` …,
   *   and for another address of an admin or operator `request.forbidden`, `session.reauthentication_needed`
   */
  edit(caller: Caller, id: string, body: EditPerson): Promise<PersonDetailView> {
    return this.within(caller, async (tx) => {
      const person = await this.found(tx, id);
      const after = editedFields(person, body);
      if (Object.keys(after).length > 0) {
        await this.assertNotManaged(tx, person, after);
        if (after.emailCanonical !== undefined) await this.addresses.assertMayChange(tx, caller, person);
        await this.assertReferences(tx, id, after);
        const change = { kind: 'update', personId: id, before: beforeOf(person, after), after } as const;
        await this.apply(
          tx,
          { ...change, expectedVersion: body.version ?? person.version },
          'edited_here',
          byCaller(caller),
        );
      } else {
        assertVersion(person, body.version);
      }
      return this.reading.detail(tx, id);
    });
  }

  /** @throws {RollcallError} `person.last_admin` when it would leave the organisation without an active admin */
  switchAdmin(caller: Caller, id: string, { on, version }: SwitchPerson): Promise<PersonDetailView> {
    return this.flip(caller, id, { isAdmin: on }, version, on ? 'made_admin' : 'unmade_admin');
  }

  /** Lifting the protection has the person's records looked at again. */
  switchProtected(caller: Caller, id: string, { on, version }: SwitchPerson): Promise<PersonDetailView> {
    return this.flip(caller, id, { isProtected: on }, version, on ? 'made_protected' : 'unmade_protected');
  }

  private flip(
    caller: Caller,
    id: string,
    after: { isAdmin: boolean } | { isProtected: boolean },
    version: number | undefined,
    why: LocalReason,
  ): Promise<PersonDetailView> {
    return this.within(caller, async (tx) => {
      const person = await this.found(tx, id);
      const before = beforeOf(person, after);
      if (
        Object.entries(before).some(([field, value]) =>
          Object.entries(after).some(([f, v]) => f === field && v !== value),
        )
      ) {
        const change = {
          kind: 'update',
          personId: id,
          before,
          after,
          expectedVersion: version ?? person.version,
        } as const;
        await this.apply(tx, change, why, byCaller(caller));
      } else {
        assertVersion(person, version);
      }
      return this.reading.detail(tx, id);
    });
  }

  private async apply(tx: Tx, change: Omit<Change, 'id' | 'reason'>, why: LocalReason, by: ChangedBy): Promise<void> {
    const id = newId();
    const results = await this.writer.apply(tx, [{ ...change, id, reason: localReason(why) }], by);
    const error = refusal(results.get(id) ?? 'stale');
    if (error) throw error;
  }

  private async assertNotManaged(tx: Tx, person: ListedPerson, after: Partial<PersonFields>): Promise<void> {
    const managed = managedFields(await this.records.ofPeople(tx, [person.id]));
    const touched = new Set(touchedFields(person, after));
    const fields = managed.filter(({ field }) => touched.has(field));
    if (fields.length === 0) return;
    const names = fields.map(({ field, connection }) => `${field} (${connection})`).join(', ');
    throw new RollcallError('person.field_managed', `Kept in step by a directory, so change it there: ${names}.`, {
      fields,
    });
  }

  private async assertReferences(tx: Tx, id: string, after: Partial<PersonFields>): Promise<void> {
    if (after.teamId && !(await this.people.teamExists(tx, after.teamId))) {
      throw new RollcallError('person.team_unknown', 'There is no such team.');
    }
    if (after.positionId && !(await this.people.positionExists(tx, after.positionId))) {
      throw new RollcallError('person.team_unknown', 'There is no such position.');
    }
    if (!after.managerId) return;
    await this.chains.lock(tx);
    const chain = await this.people.chainAbove(tx, after.managerId);
    if (chain[0] === undefined) throw new RollcallError('person.manager_invalid', 'There is no such manager.');
    if (chain[0].state === 'archived') throw new RollcallError('person.manager_invalid', 'This manager is archived.');
    if (chain.some((one) => one.id === id)) {
      throw new RollcallError('person.manager_invalid', 'This manager reports to the person in turn.');
    }
  }

  private async found(tx: Tx, id: string): Promise<ListedPerson> {
    const person = await this.people.find(tx, id);
    if (!person) throw new RollcallError('person.not_found', 'There is no such person.');
    return person;
  }

  private within<T>(caller: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
    return retryOnConflict(() => this.database.asOrganisation(caller.organisationId, work));
  }
}

export function byCaller(caller: Caller): ChangedBy {
  const { by, requestId, address } = contextOf(caller);
  return { origin: 'admin', actor: by, requestId, address };
}

function addressOf(raw: string): { email: string; emailCanonical: string } {
  const emailCanonical = canonicalEmail(raw);
  if (emailCanonical === null)
    throw new RollcallError('person.address_invalid', 'This is not an e-mail address that can be used.');
  return { email: raw.normalize('NFC').trim(), emailCanonical };
}

/** The fields that would differ. */
function editedFields(
  person: ListedPerson,
  { version: _, email, attributes, ...plain }: EditPerson,
): Partial<PersonFields> {
  const after: Record<string, unknown> = email === undefined ? {} : { ...addressOf(email) };
  Object.assign(after, plain);
  if (attributes !== undefined) {
    const merged = Object.entries({ ...person.attributes, ...attributes }).filter(([, value]) => value !== null);
    after['attributes'] = Object.fromEntries(merged);
  }
  const before = person as unknown as Record<string, unknown>;
  const differs = ([field, value]: [string, unknown]): boolean =>
    JSON.stringify(before[field]) !== JSON.stringify(value);
  return Object.fromEntries(
    Object.entries(after).filter(([field, value]) => value !== undefined && differs([field, value])),
  );
}

function beforeOf(person: ListedPerson, after: Partial<PersonFields>): Partial<PersonFields> {
  const fields = Object.keys(after) as (keyof PersonFields)[];
  return Object.fromEntries(fields.map((field) => [field, person[field]]));
}

/** Names of the fields as directories manage them: each extra attribute by itself. */
function touchedFields(person: ListedPerson, after: Partial<PersonFields>): string[] {
  const { attributes, ...plain } = after;
  if (attributes === undefined) return Object.keys(plain);
  const names = new Set([...Object.keys(person.attributes), ...Object.keys(attributes)]);
  const changed = [...names].filter(
    (name) => JSON.stringify(person.attributes[name]) !== JSON.stringify(attributes[name]),
  );
  return [...Object.keys(plain), ...changed.map((name) => `attributes.${name}`)];
}

function assertVersion(person: ListedPerson, version: number | undefined): void {
  if (version !== undefined && version !== person.version) {
    throw new RollcallError('person.changed', 'Somebody else changed the person meanwhile: read them again.');
  }
}
