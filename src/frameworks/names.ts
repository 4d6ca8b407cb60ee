import { RollcallError } from '../common/errors.js';
import { foldName } from '../common/fold.js';

/**
 * The form in which a name is compared.
 *
 * @throws {RollcallError} `name.empty` when nothing is left of it: it could never be matched.
 */
export function comparable(name: string): string {
  const folded = foldName(name);
  if (folded === '') throw new RollcallError('name.empty', 'The name has no letter or digit to be compared by.');
  return folded;
}
