import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { actorOf, contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { PeopleWriter } from '../people/people-writer.service.js';
import { factsHash } from '../sync/overrides.js';
import { reason } from '../sync/reasons.js';
import { FactsRepository, type MirroredRow } from './facts.repository.js';
import { MirrorRepository } from './mirror.repository.js';
import type { ConflictView, ResolveConflict } from './questions.dto.js';
import { QuestionsRepository, type ConflictRow } from './questions.repository.js';
import { conflictView } from './questions.service.js';
import { askedBy, RunsService } from './runs.service.js';

/** Carries out what an admin answered to a question that a sync could not decide. */
@Injectable()
export class ConflictsService {
  constructor(
    private readonly database: Database,
    private readonly questions: QuestionsRepository,
    private readonly facts: FactsRepository,
    private readonly mirror: MirrorRepository,
    private readonly people: PeopleWriter,
    private readonly runs: RunsService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The records concerned are read and decided again at once. */
  resolve(caller: Caller, id: string, as: ResolveConflict['as']): Promise<ConflictView> {
    const { organisationId } = caller;
    return this.database.asOrganisation(organisationId, async (tx) => {
      const conflict = await this.questions.findConflict(tx, organisationId, id);
      if (conflict === null) throw new RollcallError('conflict.not_found', 'There is no such conflict.');
      if (conflict.resolvedAt !== null)
        throw new RollcallError('conflict.resolved', 'The conflict was resolved already.');
      if (as === 'same_person') await this.tie(tx, caller, conflict);
      else await this.ruleOut(tx, caller, conflict, as);
      const now = this.clock.now();
      await this.questions.resolveConflict(tx, organisationId, id, as, askedBy(caller), now);
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'conflict.resolved',
        subject: { kind: 'conflict', id },
        detail: { as, kind: conflict.kind },
      });
      const subjects = [conflict.externalId, ...(conflict.otherExternalId === null ? [] : [conflict.otherExternalId])];
      await this.runs.ask(tx, organisationId, conflict.connectionId, {
        kind: 'delta',
        trigger: 'manual',
        askedBy: askedBy(caller),
        subjects,
      });
      return conflictView({ ...conflict, resolvedAt: now, resolution: as });
    });
  }

  /** The record is the person's from now on; the one that they had is nobody's. Their keys end, as with any relink. */
  private async tie(tx: Tx, caller: Caller, conflict: ConflictRow): Promise<void> {
    const { organisationId } = caller;
    const { connectionId, externalId, otherPersonId } = conflict;
    if (otherPersonId === null || (conflict.kind !== 'recreated' && conflict.kind !== 'candidate_linked')) {
      throw unfit('This is no question of who somebody is; give one of the two another address in the directory.');
    }
    const [person] = await this.facts.people(tx, organisationId, [otherPersonId]);
    if (person === undefined) throw unfit('The person is not here any more.');
    const now = this.clock.now();
    if (conflict.otherExternalId !== null)
      await this.mirror.untie(tx, organisationId, connectionId, [conflict.otherExternalId]);
    await this.mirror.retie(tx, organisationId, connectionId, [{ to: externalId, personId: person.id }], now);
    const change = {
      id: newId(),
      kind: 'relink' as const,
      personId: person.id,
      reason: reason('relinked', { previousExternalId: conflict.otherExternalId }),
      before: {},
      after: {},
      expectedVersion: person.version,
    };
    const results = await this.people.apply(tx, [change], {
      origin: 'admin',
      actor: actorOf(caller),
      requestId: caller.requestId,
      address: caller.address,
    });
    // Thrown within the transaction: nobody is tied whose keys were not ended.
    if (results.get(change.id) !== 'applied')
      throw unfit('The person cannot be tied anew now: they are the last active admin, or were changed this moment.');
  }

  /** Somebody new, or nothing at all: either way the link, or the address, is ruled out for this person. */
  private async ruleOut(tx: Tx, caller: Caller, conflict: ConflictRow, as: 'new_person' | 'keep_apart'): Promise<void> {
    const { organisationId } = caller;
    const { connectionId, externalId, kind } = conflict;
    if (kind === 'same_address')
      throw unfit('Two records have one address; give one of them another in the directory.');
    const personId = kind === 'address_taken' ? conflict.personId : conflict.otherPersonId;
    if (personId === null) throw unfit('Nobody here is concerned; give the record another address in the directory.');
    if (as === 'new_person') await this.assertFree(tx, organisationId, kind, personId);
    const [record] = await this.facts.mirrored(tx, organisationId, connectionId, [externalId]);
    const ruledOut = kind === 'address_taken' ? 'update:email' : 'link';
    const override = {
      id: newId(),
      personId,
      connectionId,
      externalId,
      kind: ruledOut,
      factsHash: hashOf(ruledOut, record),
      cause: 'conflict_resolved',
    };
    await this.questions.makeOverrides(tx, organisationId, [override], askedBy(caller), this.clock.now());
    await this.questions.unsettle(tx, organisationId, [], [externalId]);
  }

  private async assertFree(tx: Tx, organisationId: string, kind: string, personId: string): Promise<void> {
    if (kind === 'address_taken')
      throw unfit('The record is linked already; rule the address out with `keep_apart`, or free it.');
    const [person] = await this.facts.people(tx, organisationId, [personId]);
    if (person !== undefined && person.state !== 'archived') {
      throw unfit(
        'The person is here with this address; change it or archive them first, then the record can be somebody new.',
      );
    }
  }
}

function hashOf(kind: string, record: MirroredRow | undefined): string | null {
  if (record === undefined) return null;
  const scope = record.inScope
    ? { in: true as const }
    : { in: false as const, because: record.outOfScopeBecause ?? '' };
  return factsHash(kind, { record: record.body, emailCanonical: record.emailCanonical, scope });
}

function unfit(message: string): RollcallError {
  return new RollcallError('conflict.resolution_unfit', message);
}
