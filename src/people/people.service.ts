import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RollcallError } from '../common/errors.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import type { PeopleCountsView, PeoplePage, PeopleQuery, PersonDetailView } from './people.dto.js';
import { PeopleRepository, type ListedPerson } from './people.repository.js';
import { toDetailView, toPersonView } from './people.view.js';
import { RecordsRepository } from './records.repository.js';
import { typedWords } from './search-words.js';

/** Reads people: lists that stay quick at any size, and one person whole. */
@Injectable()
export class PeopleService {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly records: RecordsRepository,
  ) {}

  async list(organisationId: string, query: PeopleQuery): Promise<PeoplePage> {
    const filter = {
      ...typedWords(query.q ?? ''),
      state: query.state ?? null,
      origin: query.origin ?? null,
      teamId: query.teamId ?? null,
      positionId: query.positionId ?? null,
      managerId: query.managerId ?? null,
      admin: query.admin ?? null,
      problem: query.problem ?? null,
      sort: query.sort,
      direction: query.direction,
    };
    const key =
      query.sort === 'created' ? z.string().regex(/^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/u) : z.string();
    const after = decodeCursor(query.cursor, z.tuple([z.literal(query.sort), key, z.uuid()]));
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.people.page(tx, filter, after === null ? null : [after[1], after[2]], query.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, query.limit, toPersonView, (row) => [query.sort, sortKey(row, query.sort), row.id]);
  }

  async counts(organisationId: string): Promise<PeopleCountsView> {
    const counts = await this.database.asOrganisation(organisationId, (tx) => this.people.counts(tx), {
      readOnly: true,
    });
    const { total, pending, archived, admins } = counts;
    return { pending, active: total - pending - archived, archived, admins };
  }

  /** @throws {RollcallError} `person.not_found` */
  show(organisationId: string, id: string): Promise<PersonDetailView> {
    return this.database.asOrganisation(organisationId, (tx) => this.detail(tx, id), { readOnly: true });
  }

  /** @throws {RollcallError} `person.not_found` */
  async detail(tx: Tx, id: string): Promise<PersonDetailView> {
    const row = await this.people.find(tx, id);
    if (!row) throw new RollcallError('person.not_found', 'There is no such person.');
    const records = await this.records.ofPeople(tx, [id]);
    return toDetailView(
      row,
      records,
      await this.people.formerAddresses(tx, id),
      await this.people.countReports(tx, id),
    );
  }
}

function sortKey(row: ListedPerson, sort: PeopleQuery['sort']): string {
  if (sort === 'created') return row.createdExactly;
  return sort === 'name' ? row.sortName : row.emailCanonical;
}
