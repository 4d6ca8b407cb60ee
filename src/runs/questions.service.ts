import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import type {
  ConflictsPage,
  ConflictsQuery,
  ConflictView,
  NoticesPage,
  NoticesQuery,
  OverridesPage,
  OverridesQuery,
  OverrideView,
} from './questions.dto.js';
import {
  QuestionsRepository,
  type After,
  type ConflictRow,
  type NoticeRow,
  type OverrideRow,
} from './questions.repository.js';
import { askedBy } from './runs.service.js';

const Position = z.tuple([z.iso.datetime(), z.uuid()]);

/** Lists what waits for an admin, and releases overrides. */
@Injectable()
export class QuestionsService {
  constructor(
    private readonly database: Database,
    private readonly questions: QuestionsRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  conflicts(organisationId: string, query: ConflictsQuery): Promise<ConflictsPage> {
    const filter = { open: query.open, after: after(query.cursor), limit: query.limit + 1 };
    return this.database.asOrganisation(
      organisationId,
      async (tx) =>
        toPage(await this.questions.conflicts(tx, organisationId, filter), query.limit, conflictView, (row) => [
          row.openedAt.toISOString(),
          row.id,
        ]),
      { readOnly: true },
    );
  }

  overrides(organisationId: string, query: OverridesQuery): Promise<OverridesPage> {
    const filter = {
      standing: query.standing,
      personId: query.personId ?? null,
      after: after(query.cursor),
      limit: query.limit + 1,
    };
    return this.database.asOrganisation(
      organisationId,
      async (tx) =>
        toPage(await this.questions.overrides(tx, organisationId, filter), query.limit, overrideView, (row) => [
          row.madeAt.toISOString(),
          row.id,
        ]),
      { readOnly: true },
    );
  }

  notices(organisationId: string, query: NoticesQuery): Promise<NoticesPage> {
    const filter = { open: query.open, after: after(query.cursor), limit: query.limit + 1 };
    return this.database.asOrganisation(
      organisationId,
      async (tx) =>
        toPage(await this.questions.notices(tx, organisationId, filter), query.limit, noticeView, (row) => [
          row.openedAt.toISOString(),
          row.id,
        ]),
      { readOnly: true },
    );
  }

  /** The change is ruled out no more; the next run decides about the person anew. */
  release(caller: Caller, id: string): Promise<OverrideView> {
    const { organisationId } = caller;
    return this.database.asOrganisation(organisationId, async (tx) => {
      const [released] = await this.questions.releaseOverrides(
        tx,
        organisationId,
        [id],
        'an admin released it',
        askedBy(caller),
        this.clock.now(),
      );
      if (released === undefined)
        throw new RollcallError('override.not_found', 'There is no such override, or it was released.');
      await this.questions.unsettle(
        tx,
        organisationId,
        [released.personId],
        released.externalId === null ? [] : [released.externalId],
      );
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'override.released',
        subject: { kind: 'override', id },
        detail: { person: released.personId, change: released.kind },
      });
      return overrideView(released);
    });
  }
}

function after(cursor: string | undefined): After | null {
  const position = decodeCursor(cursor, Position);
  return position === null ? null : { at: new Date(position[0]), id: position[1] };
}

export function conflictView(row: ConflictRow): ConflictView {
  const { id, connectionId, kind, externalId, otherExternalId, personId, otherPersonId, detail, resolution } = row;
  return {
    id, connectionId, kind, externalId, otherExternalId, personId, otherPersonId,
    text: detail.text, address: detail.address,
    openedAt: instant(row.openedAt), resolvedAt: instantOrNull(row.resolvedAt), resolution,
  }; // prettier-ignore
}

function overrideView(row: OverrideRow): OverrideView {
  const { id, personId, connectionId, externalId, kind, cause, releasedWhy } = row;
  return {
    id,
    personId,
    connectionId,
    externalId,
    kind,
    cause,
    madeAt: instant(row.madeAt),
    releasedAt: instantOrNull(row.releasedAt),
    releasedWhy,
  };
}

function noticeView(row: NoticeRow): NoticesPage['items'][number] {
  const { id, kind, connectionId, personId, message } = row;
  return {
    id,
    kind,
    connectionId,
    personId,
    message,
    openedAt: instant(row.openedAt),
    mendedAt: instantOrNull(row.mendedAt),
  };
}
