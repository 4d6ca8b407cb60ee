import { ERROR_CODES } from '../../src/common/error-codes.js';
import type { Answer } from './service.js';

/** What no answer may give away: stacks, files, statements, names of tables, versions. */
const TELLTALES =
  /\bat .+:\d+:\d+|node_modules|\.(ts|js|mjs)\b|\/(work|home|usr|root|app)\/|\b(SELECT|INSERT|UPDATE|DELETE FROM)\b|violates|relation "|syntax error|postgres|pg_|ECONN|node\/?\d+\.|express/g;

/**
 * What is wrong with a refusal as a problem that a stranger may read; empty when nothing is.
 *
 * @param sent What the stranger wrote: a refusal names unknown fields, which gives nothing away that they did not know.
 */
export function faultsOfProblem(answer: Answer<unknown>, sent = ''): string[] {
  const faults: string[] = [];
  const body = answer.body as Record<string, unknown> | string;
  if (typeof body !== 'object') return [`no problem but: ${answer.text.slice(0, 200)}`];
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) faults.push('is not problem+json');
  if (typeof body['code'] !== 'string' || !Object.hasOwn(ERROR_CODES, body['code'])) faults.push('has no known code');
  if (body['status'] !== answer.status) faults.push('names another status');
  if (typeof body['requestId'] !== 'string' || body['requestId'] !== answer.headers.get('x-request-id'))
    faults.push('has no request id');
  if (typeof body['detail'] !== 'string' || body['detail'].length === 0) faults.push('has no sentence');
  const telltales = [...answer.text.matchAll(TELLTALES)]
    .map(([found]) => found)
    .filter((found) => !sent.includes(found));
  for (const found of telltales) faults.push(`gives away: ${found}`);
  for (const header of ['x-powered-by', 'server']) if (answer.headers.has(header)) faults.push(`has ${header}`);
  return faults;
}
