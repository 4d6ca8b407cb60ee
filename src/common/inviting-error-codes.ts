import type { ErrorDescription } from './error-kinds.js';

/** The part of the codes that invitations and files of people answer with; see `error-codes.ts`. */
export const INVITING_CODES = {
  'invitation.not_found': { kind: 'not_found', meaning: 'There is no such invitation.' },
  'invitation.dead': {
    kind: 'forbidden',
    meaning: 'The link was used, was replaced by a newer one, is too old, or never was one; ask who invited you.',
  },
  'invitation.limit': {
    kind: 'throttled',
    meaning: 'The organisation has sent as many invitations as it may for now; the message says when it may again.',
  },
  'invitation.too_soon': {
    kind: 'throttled',
    meaning: 'This invitation was sent minutes ago; the message says when it can be sent again.',
  },
  'invitation.provider_needed': {
    kind: 'conflict',
    meaning: 'The organisation lets people in by its single sign-on alone; accept the invitation there.',
  },
  'invitation.signed_in_elsewhere': {
    kind: 'conflict',
    meaning: 'Somebody else is signed in in this browser; say that their session may end, or use another browser.',
  },
  'invitation.closed': {
    kind: 'conflict',
    meaning: 'The invitation was accepted, revoked or closed; invite the person anew if they are not here.',
  },
  'import.not_found': { kind: 'not_found', meaning: 'There is no such import.' },
  'import.under_way': {
    kind: 'conflict',
    meaning: 'Another file is being uploaded, or this import is at work; wait until that is over, or discard it.',
  },
  'import.too_large': { kind: 'too_large', meaning: 'The file is larger than the limit; split it.' },
  'import.file_invalid': {
    kind: 'unprocessable',
    meaning: 'The file cannot be read as a list of people; `line` and `column` say where it goes wrong.',
  },
  'import.file_lost': { kind: 'conflict', meaning: 'The file is not kept any more; upload it again.' },
  'import.faulty_rows': {
    kind: 'conflict',
    meaning: 'Rows of the file have faults; mend them and upload it again, or choose to leave them out.',
  },
  'import.outdated': {
    kind: 'conflict',
    meaning: 'The import would do something else than what was confirmed; look at the newest preview.',
  },
  'import.removals_unconfirmed': {
    kind: 'conflict',
    meaning: 'The file archives more people than a run may by itself; confirm their number as `archives`.',
  },
  'import.not_ready': { kind: 'conflict', meaning: 'Only an import whose preview is ready can be confirmed.' },
  'import.framework_invalid': {
    kind: 'unprocessable',
    meaning: 'The file cannot be read as a framework; the message says where it goes wrong.',
  },
} as const satisfies Record<string, ErrorDescription>;
