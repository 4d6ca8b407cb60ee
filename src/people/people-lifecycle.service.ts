import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { localReason } from './local-reasons.js';
import { standingHash } from './override-facts.js';
import type { ManyResultsView, PersonDetailView } from './people.dto.js';
import { byCaller } from './people-editing.service.js';
import { PeopleRepository } from './people.repository.js';
import { PeopleService } from './people.service.js';
import type { Change, ChangeResult } from './people.types.js';
import { PeopleWriter } from './people-writer.service.js';
import { RecordsRepository } from './records.repository.js';
import { refusal } from './refusals.js';

type ManyResult = ManyResultsView['items'][number]['result'];

const MANY_RESULTS: Record<ChangeResult, ManyResult> = {
  applied: 'done',
  already_applied: 'done',
  stale: 'changed',
  address_taken: 'address_taken',
  protected: 'last_admin',
};

/** Archiving and bringing back by hand: at once, whatever a hold says and whatever a directory thinks. */
@Injectable()
export class PeopleLifecycle {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly records: RecordsRepository,
    private readonly writer: PeopleWriter,
    private readonly reading: PeopleService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Cuts now. @throws {RollcallError} `person.not_found`, `person.already_archived`, `person.last_admin` */
  archive(caller: Caller, id: string): Promise<PersonDetailView> {
    return this.one(caller, id, 'archive');
  }

  /** Clears every reason, and keeps a directory from archiving again for what it says now. */
  restore(caller: Caller, id: string): Promise<PersonDetailView> {
    return this.one(caller, id, 'restore');
  }

  /** Each by itself: one that cannot be archived keeps nobody else from it. */
  archiveMany(caller: Caller, ids: readonly string[]): Promise<ManyResultsView> {
    return this.within(caller, (tx) => this.many(tx, caller, ids, 'archive'));
  }

  restoreMany(caller: Caller, ids: readonly string[]): Promise<ManyResultsView> {
    return this.within(caller, (tx) => this.many(tx, caller, ids, 'restore'));
  }

  private one(caller: Caller, id: string, kind: 'archive' | 'restore'): Promise<PersonDetailView> {
    return this.within(caller, async (tx) => {
      const [standing] = await this.people.standing(tx, [id]);
      if (!standing) throw new RollcallError('person.not_found', 'There is no such person.');
      if (standing.erased)
        throw new RollcallError('person.erased', 'The personal data of the person were erased: add them anew.');
      if (kind === 'archive' && standing.byAdmin) {
        throw new RollcallError('person.already_archived', 'The person is archived by an admin already.');
      }
      if (kind === 'restore' && standing.state !== 'archived') {
        throw new RollcallError('person.not_archived', 'The person is not archived.');
      }
      const results = await this.change(tx, caller, [id], kind);
      const error = refusal(results.get(id) ?? 'stale');
      if (error) throw error;
      return this.reading.detail(tx, id);
    });
  }

  private async many(
    tx: Tx,
    caller: Caller,
    ids: readonly string[],
    kind: 'archive' | 'restore',
  ): Promise<ManyResultsView> {
    const unique = [...new Set(ids)];
    const standing = new Map((await this.people.standing(tx, unique)).map((one) => [one.id, one]));
    const idle = (id: string): boolean =>
      kind === 'archive' ? standing.get(id)?.byAdmin === true : standing.get(id)?.state !== 'archived';
    const concerned = unique.filter((id) => standing.get(id)?.erased === false && !idle(id));
    const results = await this.change(tx, caller, concerned, kind);
    const resultOf = (id: string): ManyResult => {
      if (!standing.has(id)) return 'not_found';
      const result = results.get(id);
      return result === undefined ? 'nothing_to_do' : MANY_RESULTS[result];
    };
    return { items: unique.map((id) => ({ id, result: resultOf(id) })) };
  }

  /** @returns What became of it, by person. */
  private async change(
    tx: Tx,
    caller: Caller,
    ids: readonly string[],
    kind: 'archive' | 'restore',
  ): Promise<Map<string, ChangeResult>> {
    if (ids.length === 0) return new Map();
    const changes = ids.map((personId) => (kind === 'archive' ? archiveOf(personId) : restoreOf(personId, caller)));
    const results = await this.writer.apply(tx, changes, byCaller(caller));
    const byPerson = new Map(changes.map((change) => [change.personId, results.get(change.id) ?? 'stale']));
    if (kind === 'restore') {
      await this.overrideArchives(tx, caller, ids.filter((id) => byPerson.get(id) === 'applied')); // prettier-ignore
    }
    return byPerson;
  }

  /** An override per record, against what it says now: it holds until that differs. */
  private async overrideArchives(tx: Tx, caller: Caller, people: readonly string[]): Promise<void> {
    const records = await this.records.ofPeople(tx, people);
    const decisions = await this.records.decisions(tx, people, [], people.length * 5);
    const rows = records.map((record) => ({
      id: newId(),
      person_id: record.personId,
      connection_id: record.connectionId,
      external_id: record.externalId,
      facts_hash: standingHash(record, decisions),
    }));
    if (rows.length === 0) return;
    const by = byCaller(caller);
    await this.records.overrideArchives(
      tx,
      JSON.stringify(rows),
      'restored',
      JSON.stringify(by.actor),
      this.clock.now(),
    );
    const entries = rows.map((row) => ({
      action: 'override.made' as const,
      subject: { kind: 'override', id: row.id },
      detail: { person: row.person_id, kind: 'archive' },
    }));
    await this.audit.recordMany(tx, { by: by.actor, requestId: by.requestId, address: by.address }, entries);
  }

  private within<T>(caller: Caller, work: (tx: Tx) => Promise<T>): Promise<T> {
    return retryOnConflict(() => this.database.asOrganisation(caller.organisationId, work));
  }
}

function archiveOf(personId: string): Change {
  const after = { state: 'archived' } as const;
  const reason = localReason('archived_here');
  return {
    id: newId(),
    kind: 'archive',
    personId,
    reason,
    before: null,
    after,
    archiveReason: 'admin',
    expectedVersion: null,
  };
}

/** They are what they were; an admin again only by the word of those who make admins. */
function restoreOf(personId: string, { scopes }: Caller): Change {
  const reason = localReason('restored_here');
  return {
    id: newId(),
    kind: 'restore',
    personId,
    reason,
    before: null,
    after: scopes.has('people:admin') ? {} : { isAdmin: false },
    archiveReason: 'all',
    expectedVersion: null,
  };
}
