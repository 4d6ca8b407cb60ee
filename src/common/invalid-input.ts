import { RollcallError } from './errors.js';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
}

/** Faults that one answer names; somebody who sends more has sent something else than was asked for. */
const MOST = 20;

/** What a schema found wrong, as the problem that the sender reads. Names fields and rules, never repeats values. */
export function invalidInput(issues: readonly Issue[]): RollcallError {
  const fields = issues
    .slice(0, MOST)
    .map(({ message, path }) => ({ field: fieldName(path ?? []), message: plainly(message).slice(0, 200) }));
  const first = fields[0];
  const sentence = first
    ? `${first.field === '' ? 'The input' : first.field}: ${first.message}`
    : 'The input is not valid.';
  return new RollcallError(
    'request.invalid',
    issues.length > 1 ? `${sentence} (and ${issues.length - 1} more)` : sentence,
    { fields },
  );
}

function fieldName(path: NonNullable<Issue['path']>): string {
  const parts = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return parts.join('.').slice(0, 200);
}

/** What a schema says of a field that is not there speaks of types; the reader left something out. */
function plainly(message: string): string {
  return /^Invalid input: expected .*, received undefined$/u.test(message) ? 'is missing' : message;
}
