import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditEntry } from '../audit/audit.types.js';
import { RollcallError } from '../common/errors.js';
import { instant } from '../common/fields.js';
import { Database } from '../database/database.service.js';
import { EventsService } from '../events/events.service.js';
import {
  ActorView,
  type AuditEntryView,
  type AuditPage,
  type AuditQuery,
  type EventsFeed,
  type EventsQuery,
} from './history.dto.js';

/** The two logs of an organisation as others read them: the audit log, and the events about people. */
@Injectable()
export class Log {
  constructor(
    private readonly database: Database,
    private readonly entries: AuditService,
    private readonly feed: EventsService,
  ) {}

  audit(organisationId: string, query: AuditQuery): Promise<AuditPage> {
    const filter = {
      action: query.action ?? null,
      subjectKind: query.subjectKind ?? null,
      subjectId: query.subjectId ?? null,
      runId: query.runId ?? null,
    };
    return this.database.asOrganisation(organisationId, async (tx) => {
      const page = await this.entries.page(tx, organisationId, filter, query.cursor ?? null, query.limit);
      return { items: page.entries.map(toEntryView), next: page.next };
    });
  }

  /** @throws {RollcallError} `request.invalid` when there is no such event */
  async events(organisationId: string, { after, limit }: EventsQuery): Promise<EventsFeed> {
    const rows = await this.database.asOrganisation(organisationId, (tx) =>
      this.feed.after(tx, after ?? null, limit + 1),
    );
    if (rows === null) throw new RollcallError('request.invalid', 'after: there is no such event.');
    const shown = rows.slice(0, limit);
    const items = shown.map((row) => ({
      id: row.id,
      at: instant(row.at),
      type: row.type,
      personId: row.personId,
      runId: row.runId,
      data: row.payload,
    }));
    return { items, next: items.at(-1)?.id ?? after ?? null, more: rows.length > limit };
  }
}

function toEntryView(entry: AuditEntry): AuditEntryView {
  const { fields, ...detail } = entry.detail;
  return {
    at: instant(entry.at),
    action: entry.action,
    by: ActorView.parse(entry.actor),
    subject: { kind: entry.subjectKind, id: entry.subjectId },
    runId: entry.runId,
    requestId: entry.requestId,
    address: entry.address,
    outcome: entry.outcome,
    fields: Array.isArray(fields) ? fields.map(String) : [],
    detail,
  };
}
