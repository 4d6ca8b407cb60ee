import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { ADMIN_WORDS, canBeSaid, STATE_WORDS } from '../connectors/csv/row-values.js';
import { writePeople, type PersonCells } from '../connectors/csv/write-csv.js';
import { Database } from '../database/database.service.js';
import { PeopleExportRepository, type ExportedPerson } from './people-export.repository.js';

const AT_ONCE = 1_000;

/** The list of people as a file that can be imported again, and changes nothing then. */
@Injectable()
export class PeopleExport {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleExportRepository,
    private readonly audit: AuditService,
  ) {}

  /** That it was exported is recorded before the first line of it leaves. */
  async begin(caller: Caller): Promise<AsyncGenerator<string>> {
    const { organisationId } = caller;
    await this.database.asOrganisation(organisationId, (tx) =>
      this.audit.record(tx, {
        ...contextOf(caller),
        action: 'people.exported',
        subject: { kind: 'organisation', id: organisationId },
      }),
    );
    return writePeople(this.pages(organisationId));
  }

  private async *pages(organisationId: string): AsyncGenerator<PersonCells[]> {
    for (let after: string | null = null; ;) {
      const from: string | null = after;
      const rows: ExportedPerson[] = await this.database.asOrganisation(
        organisationId,
        (tx) => this.people.page(tx, from, AT_ONCE),
        {
          readOnly: true,
        },
      );
      yield rows.flatMap((row): PersonCells[] =>
        row.email === ''
          ? []
          : [
              {
                email: row.email,
                firstName: said(row.firstName),
                lastName: said(row.lastName),
                state: STATE_WORDS[row.state],
                position: said(row.positionName),
                team: said(row.teamName),
                manager: row.managerEmail,
                admin: ADMIN_WORDS[row.isAdmin ? 'true' : 'false'],
              },
            ],
      );
      if (rows.length < AT_ONCE) return;
      after = rows.at(-1)?.id ?? null;
    }
  }
}

/** An empty cell leaves what is there, so a name that came broken from a directory stays it. */
function said(text: string | null): string | null {
  return text !== null && canBeSaid(text) ? text : null;
}
