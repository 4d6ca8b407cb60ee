import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { factsHash } from '../sync/overrides.js';
import { FactsRepository } from './facts.repository.js';
import { MirrorRepository } from './mirror.repository.js';
import type { PlannedRow } from './plan.types.js';
import { QuestionsRepository, type NewOverride } from './questions.repository.js';
import type { RunContext } from './run-context.js';

/** What an undo leaves besides the changes: records that are nobody's again, and overrides lest the next run repeat it. */
@Injectable()
export class UndoTraces {
  constructor(
    private readonly mirror: MirrorRepository,
    private readonly facts: FactsRepository,
    private readonly questions: QuestionsRepository,
  ) {}

  async leave(tx: Tx, context: RunContext, lines: PlannedRow[], now: Date): Promise<void> {
    const { organisationId, connectionId, run } = context;
    const untied = lines.flatMap((line) =>
      line.after?.untie && line.personId ? [{ ...line.after.untie, personId: line.personId }] : [],
    );
    const ruledOut = lines.filter((line) => (line.after?.overrides ?? []).length > 0 && line.personId !== null);
    if (untied.length === 0 && ruledOut.length === 0) return;
    await this.mirror.untie(tx, organisationId, connectionId, untied.map((one) => one.externalId)); // prettier-ignore
    await this.mirror.retie(tx, organisationId, connectionId, untied, now);
    const mirrored = await this.facts.mirrored(tx, organisationId, connectionId, ruledOut.flatMap((line) => line.externalId ?? [])); // prettier-ignore
    const records = new Map(mirrored.map((record) => [record.externalId, record]));
    const overrides = ruledOut.flatMap((line): NewOverride[] => {
      const record = line.externalId === null ? undefined : records.get(line.externalId);
      const scope =
        record?.inScope === false
          ? { in: false as const, because: record.outOfScopeBecause ?? '' }
          : { in: true as const };
      const observed =
        record === undefined || record.goneAt !== null
          ? null
          : { record: record.body, emailCanonical: record.emailCanonical, scope };
      return (line.after?.overrides ?? []).map((kind) => ({
        id: newId(),
        personId: line.personId ?? '',
        connectionId,
        externalId: line.externalId,
        kind,
        factsHash: factsHash(kind, observed),
        cause: 'undone',
      }));
    });
    await this.questions.makeOverrides(tx, organisationId, overrides, run.askedBy, now);
  }
}
