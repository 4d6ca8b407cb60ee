import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant } from '../common/fields.js';
import { Database } from '../database/database.service.js';
import type { PersonExportView } from './personal-data.dto.js';
import { PERSONAL_DATA, PersonalDataRepository } from './personal-data.repository.js';

/** G-09: all that is kept about one person, from the list by which it would be erased. */
@Injectable()
export class PersonExport {
  constructor(
    private readonly database: Database,
    private readonly data: PersonalDataRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {RollcallError} `person.not_found` */
  export(caller: Caller, personId: string): Promise<PersonExportView> {
    const now = this.clock.now();
    return this.database.asOrganisation(
      caller.organisationId,
      async (tx) => {
        const who = await this.data.who(tx, personId, now);
        if (who === null) throw new RollcallError('person.not_found', 'There is no such person.');
        const tables: PersonExportView['tables'] = { event: await this.data.events(tx, personId) };
        for (const of of PERSONAL_DATA) {
          if (of.exported === false) continue;
          tables[of.table] = [...(tables[of.table] ?? []), ...(await this.data.exported(tx, who, of))];
        }
        const entry = { action: 'person.exported' as const, subject: { kind: 'person', id: personId } };
        await this.audit.record(tx, { ...contextOf(caller), ...entry });
        return { personId, at: instant(now), tables };
      },
      { isolation: 'repeatable read' },
    );
  }
}
