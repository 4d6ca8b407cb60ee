import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import type { DecideHold, HoldsList, HoldView, MembersPage, MembersQuery, MemberView } from './holds.dto.js';
import { HoldsRepository, type HoldRow, type NamedMember } from './holds.repository.js';
import { QuestionsRepository } from './questions.repository.js';
import { askedBy, RunsService } from './runs.service.js';

/** What an admin decides about held removals. */
@Injectable()
export class HoldsService {
  constructor(
    private readonly database: Database,
    private readonly holds: HoldsRepository,
    private readonly questions: QuestionsRepository,
    private readonly runs: RunsService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  list(organisationId: string, state: 'open' | 'closed', limit: number): Promise<HoldsList> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => ({ items: (await this.holds.list(tx, organisationId, state, limit)).map(holdView) }),
      { readOnly: true },
    );
  }

  /** Shows a hold; having looked puts off the next reminder. */
  look(organisationId: string, holdId: string): Promise<HoldView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const hold = await this.known(tx, organisationId, holdId);
      if (hold.state === 'open') await this.touch(tx, organisationId, hold, 'looked_at');
      return this.view(tx, organisationId, holdId);
    });
  }

  members(organisationId: string, holdId: string, query: MembersQuery): Promise<MembersPage> {
    const after = decodeCursor(query.cursor, z.string()) ?? '';
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.known(tx, organisationId, holdId);
      const rows = await this.holds.members(tx, organisationId, holdId, {
        state: query.state ?? null,
        after,
        limit: query.limit + 1,
      });
      return toPage(rows, query.limit, memberView, (row) => row.externalId);
    });
  }

  /** Applied by the run that is asked for: whoever is approved, still planned to go by its read, and witnessed. */
  approve(caller: Caller, holdId: string, order: DecideHold): Promise<HoldView> {
    const { organisationId } = caller;
    return this.database.asOrganisation(organisationId, async (tx) => {
      const hold = await this.decidable(tx, organisationId, holdId, order.version);
      const now = this.clock.now();
      const who = await this.holds.decide(tx, organisationId, holdId, {
        state: 'approved',
        version: order.version,
        externalIds: namesOf(order),
        by: askedBy(caller),
        at: now,
      });
      await this.touch(tx, organisationId, hold, 'approved_at');
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'hold.approved',
        subject: { kind: 'hold', id: holdId },
        detail: { version: order.version, people: who.length },
      });
      await this.runs.ask(tx, organisationId, hold.connectionId, {
        kind: 'full',
        trigger: 'manual',
        askedBy: askedBy(caller),
      });
      return this.view(tx, organisationId, holdId);
    });
  }

  /** A rejected removal is ruled out until the facts in the record differ, or an admin releases it. */
  reject(caller: Caller, holdId: string, order: DecideHold): Promise<HoldView> {
    const { organisationId } = caller;
    return this.database.asOrganisation(organisationId, async (tx) => {
      const hold = await this.decidable(tx, organisationId, holdId, order.version);
      const now = this.clock.now();
      const by = askedBy(caller);
      const who = await this.holds.decide(tx, organisationId, holdId, {
        state: 'rejected',
        version: order.version,
        externalIds: namesOf(order),
        by,
        at: now,
      });
      const overrides = who.map((member) => ({
        id: newId(),
        personId: member.personId,
        connectionId: hold.connectionId,
        externalId: member.externalId,
        kind: member.kind,
        factsHash: member.factsHash,
        cause: 'rejected',
      }));
      await this.questions.makeOverrides(tx, organisationId, overrides, by, now);
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'hold.rejected',
        subject: { kind: 'hold', id: holdId },
        detail: { version: order.version, people: who.length },
      });
      if (await this.holds.closeIfEmpty(tx, organisationId, hold.connectionId, now)) {
        await this.questions.mend(tx, organisationId, hold.connectionId, ['held', 'hold_asks_again'], [], now);
      }
      return this.view(tx, organisationId, holdId);
    });
  }

  /** Somebody looked, or approved: it asks no more for now. */
  private async touch(tx: Tx, organisationId: string, hold: HoldRow, what: 'looked_at' | 'approved_at'): Promise<void> {
    const now = this.clock.now();
    await this.holds.touch(tx, organisationId, hold.id, what, now);
    await this.questions.mend(tx, organisationId, hold.connectionId, ['hold_asks_again'], [], now);
  }

  private async known(tx: Tx, organisationId: string, holdId: string): Promise<HoldRow> {
    const hold = await this.holds.find(tx, organisationId, holdId);
    if (hold === null) throw new RollcallError('hold.not_found', 'There is no such hold.');
    return hold;
  }

  private async decidable(tx: Tx, organisationId: string, holdId: string, version: number): Promise<HoldRow> {
    const hold = await this.known(tx, organisationId, holdId);
    if (hold.state === 'closed')
      throw new RollcallError('hold.not_found', 'The hold is closed: nobody waits in it any more.');
    if (hold.version !== version) {
      throw new RollcallError(
        'hold.changed',
        'The hold changed since; look at it again and name its present version.',
        { version: hold.version },
      );
    }
    return hold;
  }

  private async view(tx: Tx, organisationId: string, holdId: string): Promise<HoldView> {
    const shown = await this.holds.show(tx, organisationId, holdId);
    if (shown === null) throw new RollcallError('hold.not_found', 'There is no such hold.');
    return holdView(shown);
  }
}

function namesOf(order: DecideHold): string[] | null {
  return order.people === 'all' ? null : order.people;
}

export function holdView(hold: HoldRow & { waiting: number; approved: number }): HoldView {
  const { code, text } = hold.cause;
  const traits = hold.shared.traits ?? [];
  return {
    id: hold.id,
    connectionId: hold.connectionId,
    version: hold.version,
    state: hold.state,
    cause: { code, text },
    shared: traits.map(({ kind, value, held, others, text: sentence }) => ({
      kind,
      value,
      held,
      others,
      text: sentence,
    })),
    waiting: hold.waiting,
    approved: hold.approved,
    openedAt: instant(hold.openedAt),
    lookedAt: instantOrNull(hold.lookedAt),
    approvedAt: instantOrNull(hold.approvedAt),
    closedAt: instantOrNull(hold.closedAt),
  };
}

function memberView(member: NamedMember): MemberView {
  return {
    externalId: member.externalId,
    personId: member.personId,
    name: member.name,
    email: member.email,
    kind: member.kind,
    state: member.state,
    reason: { code: member.reason.code, text: member.reason.text },
    lastSignInAt: instantOrNull(member.lastSignInAt),
    addedVersion: member.addedVersion,
    addedAt: instant(member.addedAt),
    decidedAt: instantOrNull(member.decidedAt),
  };
}
