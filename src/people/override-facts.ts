import { z } from 'zod';
import type { DirectoryRecord } from '../sync/model.js';
import { factsHash } from '../sync/overrides.js';
import type { LastDecision, PersonRecord } from './records.repository.js';

/** As much of a mirrored record as an archive rests on; the engine wrote the rest too. */
const Mirrored = z.looseObject({ externalId: z.string(), status: z.string() });

/**
 * The facts that an override against archiving stands on, as the engine hashes them: those of the latest plan that would
 * have archived the person for this record; else what the mirror says of it now.
 *
 * @param decisions Latest first.
 */
export function standingHash(record: PersonRecord, decisions: readonly LastDecision[]): string {
  const archived = decisions.find(
    (one) => one.connectionId === record.connectionId && one.externalId === record.externalId && one.kind === 'archive',
  );
  const absent = record.goneAt !== null || record.missingSince !== null;
  if (archived?.factsHash && (absent || !record.employed || !record.inScope)) return archived.factsHash;
  if (absent) return factsHash('archive', null);
  const body = Mirrored.safeParse(record.body);
  return factsHash('archive', {
    record: body.success ? (record.body as DirectoryRecord) : null,
    emailCanonical: record.emailCanonical,
    scope: record.inScope ? { in: true } : { in: false, because: record.outOfScopeBecause ?? '' },
  });
}
