import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { FileField, FilePerson } from '../sync/file-rows.types.js';
import { sortName } from './apply-rows.js';
import { managedFields } from './managed-fields.js';
import { PeopleFactsRepository } from './people-facts.repository.js';
import { RecordsRepository, type PersonRecord } from './records.repository.js';

/** What a file calls the fields that a directory may keep. */
const IN_FILES: Readonly<Record<string, FileField>> = {
  firstName: 'firstName',
  lastName: 'lastName',
  teamId: 'team',
  positionId: 'position',
  managerId: 'manager',
};

/** What rows of a file are decided on: some thousand addresses at a time. */
@Injectable()
export class PeopleFacts {
  constructor(
    private readonly people: PeopleFactsRepository,
    private readonly records: RecordsRepository,
  ) {}

  /** @param addresses Canonical. @returns By address: who is not archived, else who was archived last. */
  async byAddress(tx: Tx, addresses: readonly string[]): Promise<Map<string, FilePerson>> {
    // Who is not archived comes last, and so has the address.
    const byAddress = new Map(
      (await this.people.byAddress(tx, addresses)).map((person) => [person.emailCanonical, person]),
    );
    const found = [...byAddress.values()];
    const records = Map.groupBy(
      found.length === 0 ? [] : await this.records.ofPeople(tx, found.map(({ id }) => id)), // prettier-ignore
      (record) => record.personId,
    );
    return new Map(
      found.map((person) => [person.emailCanonical, { ...person, managed: managedBy(records.get(person.id)) }]),
    );
  }

  /**
   * Names that somebody here has: a newcomer of the same name is perhaps no newcomer.
   *
   * @param names As `nameOf` makes them.
   */
  async sameNames(tx: Tx, names: readonly string[]): Promise<Set<string>> {
    const asked = [...new Set(names)].filter((name) => name !== '');
    return new Set(asked.length === 0 ? [] : await this.people.named(tx, asked));
  }
}

/** A name by which two spellings of it are one; empty where there is none. */
export function nameOf(firstName: string | null, lastName: string | null): string {
  return sortName({ firstName, lastName, emailCanonical: '' });
}

const NOTHING: ReadonlySet<FileField> = new Set();

function managedBy(records: readonly PersonRecord[] | undefined): ReadonlySet<FileField> {
  if (records === undefined) return NOTHING;
  return new Set(managedFields(records).flatMap(({ field }) => IN_FILES[field] ?? []));
}
