import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf, type Actor, type AuditContext } from '../audit/audit.types.js';
import type { Caller, CallingOperator } from '../auth/auth.types.js';
import { Sessions } from '../auth/sessions.service.js';
import type { NewSession } from '../auth/sessions.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Id, instant, instantOrNull, type PageQuery } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import { OrganisationsService } from './organisations.service.js';
import type { BeginSupport, SupportSessionsPage, SupportSessionView } from './support-sessions.dto.js';
import { SupportSessionsRepository, type SupportSessionRow } from './support-sessions.repository.js';

const A_MINUTE = 60_000;

/**
 * T-13: the one way in which an operator acts within an organisation: with a reason, for a limited time, noted in the
 * organisation's own log, seen by its admins, and ended by them whenever they like.
 */
@Injectable()
export class SupportSessions {
  constructor(
    private readonly database: Database,
    private readonly supports: SupportSessionsRepository,
    private readonly organisations: OrganisationsService,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The operator's session goes on in the visited organisation, under a new id.
   *
   * @throws {RollcallError} `organisation.not_found`, `organisation.deleting`, `request.invalid` for the own one
   */
  async begin(
    caller: Caller,
    { organisationId, reason, minutes }: BeginSupport,
  ): Promise<{ support: SupportSessionView; session: NewSession }> {
    const operator = operatorOf(caller);
    if (organisationId === operator.organisationId) {
      throw new RollcallError('request.invalid', 'This is the installation’s own organisation; you are at home there.');
    }
    const operatorName = await this.database.asOrganisation(
      operator.organisationId,
      (tx) => this.supports.nameOf(tx, operator.personId),
      { readOnly: true },
    );
    const startedAt = this.clock.now();
    const endsAt = new Date(startedAt.getTime() + minutes * A_MINUTE);
    const row: SupportSessionRow = {
      ...{ id: newId(), operatorId: operator.personId, operatorName, reason },
      ...{ startedAt, endsAt, endedAt: null },
    };
    const by = supporting(operator, row.id);
    await this.database.asOrganisation(organisationId, async (tx) => {
      await this.organisations.requireStaying(tx);
      await this.supports.insert(tx, row);
      const subject = { kind: 'support_session', id: row.id };
      await this.audit.record(tx, { ...contextOf(caller), by, action: 'support.begun', subject, detail: { minutes } });
    });
    // Begun there and not here is a support session that nobody has, and that ends by itself.
    const session = await this.database.asOrganisation(operator.organisationId, (tx) =>
      this.sessions.enterSupport(tx, caller.credentialId, { organisationId, id: row.id }),
    );
    return { support: toView(row), session };
  }

  /** From inside: the operator's session goes home, under a new id. @throws {RollcallError} `support.not_found` */
  async leave(caller: Caller): Promise<NewSession> {
    const { supportSessionId, organisationId: home } = operatorOf(caller);
    if (supportSessionId === null) throw notFound();
    await this.endOwn(caller);
    return this.database.asOrganisation(home, (tx) => this.sessions.enterSupport(tx, caller.credentialId, null));
  }

  /**
   * Ends the support session that a caller is in; of any other caller, nothing. Before their own session changes: what
   * fails in between leaves nobody inside.
   */
  async endOwn(caller: Caller): Promise<void> {
    if (caller.operator === null || caller.operator.supportSessionId === null) return;
    const { supportSessionId, ...operator } = caller.operator;
    const context = { ...contextOf(caller), by: supporting(operator, supportSessionId) };
    await this.end(caller.organisationId, supportSessionId, context);
  }

  /** What the admins see, newest first. */
  async list(organisationId: string, page: PageQuery): Promise<SupportSessionsPage> {
    const after = decodeCursor(page.cursor, z.tuple([z.iso.datetime({ precision: 3 }), Id]));
    const from = after === null ? null : ([new Date(after[0]), after[1]] as const);
    const rows = await this.database.asOrganisation(
      organisationId,
      (tx) => this.supports.list(tx, from, page.limit + 1),
      { readOnly: true },
    );
    return toPage(rows, page.limit, toView, (row) => [instant(row.startedAt), row.id]);
  }

  /** The operator can do nothing there from then on. Again changes nothing. @throws {RollcallError} `support.not_found` */
  end(organisationId: string, id: string, by: AuditContext): Promise<SupportSessionView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const row = await this.supports.find(tx, id);
      if (!row) throw notFound();
      const endedAt = this.clock.now();
      if (!(await this.supports.end(tx, id, endedAt, by.by))) return toView(row);
      await this.audit.record(tx, { ...by, action: 'support.ended', subject: { kind: 'support_session', id } });
      return toView({ ...row, endedAt });
    });
  }
}

function operatorOf(caller: Caller): CallingOperator {
  if (caller.operator === null) throw new TypeError('the guard let somebody through who is no operator');
  return caller.operator;
}

/** In the visited organisation an operator is one from the first entry to the last. */
function supporting(operator: { personId: string; organisationId: string }, supportSessionId: string): Actor {
  return { kind: 'operator', personId: operator.personId, organisationId: operator.organisationId, supportSessionId };
}

function notFound(): RollcallError {
  return new RollcallError('support.not_found', 'There is no such support session.');
}

function toView(row: SupportSessionRow): SupportSessionView {
  return {
    id: row.id,
    operator: row.operatorName,
    reason: row.reason,
    startedAt: instant(row.startedAt),
    endsAt: instant(row.endsAt),
    endedAt: instantOrNull(row.endedAt),
  };
}
