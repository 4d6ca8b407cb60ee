import type { WhyView } from './history.dto.js';
import type { ListedPerson } from './people.repository.js';
import type { OpenQuestion } from './records.repository.js';

type Record = WhyView['records'][number];

/** The answer in one sentence; what it rests on stands beside it. */
export function answerOf(
  person: Pick<ListedPerson, 'state' | 'archiveReasons' | 'origin'> | null,
  records: readonly Record[],
  questions: readonly Pick<OpenQuestion, 'what'>[],
): string {
  const record = records.find((one) => one.goneAt === null && one.inScope) ?? records[0];
  if (person === null) return absence(record, questions);
  const where = record === undefined ? 'no directory knows this address' : `kept in step with ${record.connection}`;
  if (person.state === 'archived') {
    return `Archived (${person.archiveReasons.join(', ')}): ${record?.decision?.reason.text ?? `${where}.`}`;
  }
  if (questions.some(({ what }) => what === 'hold'))
    return 'Here; a removal by the directory is held and waits for an admin.';
  if (questions.some(({ what }) => what === 'conflict'))
    return 'Here; a conflict with the directory waits for an admin.';
  return `Here, ${person.state}; ${where}.`;
}

function absence(record: Record | undefined, questions: readonly Pick<OpenQuestion, 'what'>[]): string {
  if (record === undefined) return 'Nobody here has this address, and no directory has it in scope.';
  const { connection } = record;
  if (questions.some(({ what }) => what === 'conflict'))
    return `Not here: a conflict about the record in ${connection} waits for an admin.`;
  if (record.fault !== null) return `Not here: the record in ${connection} cannot be used. ${record.fault}`;
  if (record.goneAt !== null) return `Not here: the record in ${connection} is gone.`;
  if (!record.inScope) return `Not here: out of scope of ${connection}: ${record.outOfScopeBecause ?? 'not taken in'}.`;
  if (!record.employed) return `Not here: not active in ${connection}.`;
  if (record.decision !== null) return `Not here: ${record.decision.reason.text}`;
  return `Not here yet: the next run of ${connection} decides about the record.`;
}
