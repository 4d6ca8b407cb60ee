import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RollcallError } from '../common/errors.js';
import { instant, type PageQuery } from '../common/fields.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { Database } from '../database/database.service.js';
import { ActorView, type TimelineEntryView, type TimelinePage } from './history.dto.js';
import { HistoryRepository, type HistoryRow } from './history.repository.js';
import { localText } from './local-reasons.js';
import { PeopleRepository } from './people.repository.js';

/** Everything that happened to a person, newest first: each change with its run, what the directory said, and why. */
@Injectable()
export class Timeline {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly history: HistoryRepository,
  ) {}

  /** @throws {RollcallError} `person.not_found` */
  page(organisationId: string, personId: string, query: PageQuery): Promise<TimelinePage> {
    const before = decodeCursor(query.cursor, z.uuid());
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const [known] = await this.people.standing(tx, [personId]);
        if (!known) throw new RollcallError('person.not_found', 'There is no such person.');
        const rows = await this.history.page(tx, personId, before, query.limit + 1);
        return toPage(rows, query.limit, toView, (row) => row.id);
      },
      { readOnly: true },
    );
  }
}

function toView(row: HistoryRow): TimelineEntryView {
  const { payload, reason } = row;
  const actor = ActorView.safeParse(row.actor);
  const text = reason?.text ?? localText(payload.reason) ?? `Reason: ${payload.reason}.`;
  return {
    id: row.id,
    at: instant(row.at),
    type: row.type,
    origin: payload.origin,
    state: payload.state,
    by: actor.success ? actor.data : null,
    reason: { code: payload.reason, text },
    situation: row.situation,
    before: row.before,
    after: payload.changed ?? {},
    run:
      row.runId === null
        ? null
        : {
            id: row.runId,
            kind: row.runKind,
            trigger: row.runTrigger,
            connectionId: row.connectionId,
            connection: row.connection,
            externalId: row.externalId,
          },
  };
}
