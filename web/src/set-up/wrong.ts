import type { Problem } from '../api.js';

/** The sentences of a refusal, by the name of the field that each is about. */
export function wrongFields(problem: Problem | null): Record<string, string> {
  const named = (field: string): string => field.split('.').findLast((part) => !/^\d+$/u.test(part)) ?? field;
  return Object.fromEntries((problem?.fields ?? []).map(({ field, message }) => [named(field), message]));
}
