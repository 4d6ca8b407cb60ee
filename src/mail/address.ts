import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';

/**
 * The one recipient that a text names. What sends mail reads lists, names, groups and comments into such a text; here
 * it is exactly one address in its canonical form, or nothing.
 *
 * @throws {RollcallError} `mail.address_invalid`; the message does not repeat the text.
 */
export function oneAddress(text: string): string {
  // The canonical form of a text is itself only when there was nothing to trim, to fold or to translate.
  if (canonicalEmail(text) !== text)
    throw new RollcallError('mail.address_invalid', 'Mail goes to exactly one address in its canonical form.');
  return text;
}
