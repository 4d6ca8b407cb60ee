import type { Reason } from './model.js';

type ReasonFacts = NonNullable<Reason['facts']>;

interface ReasonWords {
  /** What the code means, for the documentation. */
  doc: string;
  /** The sentence for the timeline. */
  text(facts: ReasonFacts): string;
}

function said(facts: ReasonFacts, name: string, otherwise: string): string {
  const value = facts[name];
  return value === undefined || value === null || value === '' ? otherwise : String(value);
}

const say = (doc: string, text: string | ((facts: ReasonFacts) => string)): ReasonWords => ({
  doc,
  text: typeof text === 'string' ? () => text : text,
});

/** Every reason that the engine gives. Closed: a code is added here, with its meaning, and never changes it. */
export const REASONS = {
  added: say('Row 1: somebody new in the directory.', 'New in the directory.'),
  linked: say(
    'Row 2: a record was tied to the person who has its address.',
    'The directory has this address; the person was linked to it.',
  ),
  link_needs_approval: say('Identity rule 2: the link waits for an admin.', (facts) =>
    said(facts, 'because', '') === 'admin'
      ? 'The directory has the address of an admin; an admin must approve the link.'
      : said(facts, 'because', '') === 'protected'
        ? 'The directory has the address of a protected person; an admin must approve the link.'
        : 'The directory has this address, but its domain is not verified; an admin must approve the link.',
  ),
  relinked: say(
    'Identity rule 3: the account was made anew in the directory.',
    'The directory made the account anew; it is the same person.',
  ),
  updated: say(
    'Rows 3, 16, 18: managed fields differ from the record.',
    (facts) => `Changed in the directory: ${said(facts, 'fields', 'nothing')}.`,
  ),
  restored: say('Row 4: archived by the directory, employed again.', 'Back in the directory.'),
  own_reason_cleared: say(
    'The directory lifted its own archive reason; others stand.',
    'Back in the directory; stays archived for other reasons.',
  ),
  suspended: say('Row 6: the record is suspended.', 'Suspended in the directory.'),
  archived_in_directory: say('Row 6: the record is archived at the directory.', 'Archived in the directory.'),
  deprovisioned: say('Row 6: the record is deprovisioned.', 'Deactivated in the directory.'),
  not_employed: say(
    'Row 6: a direct read says that the record is not employed.',
    (facts) => `No longer active in the directory (${said(facts, 'status', 'not employed')}).`,
  ),
  left_directory: say('Row 7: the record is confirmed gone.', 'Left the directory.'),
  out_of_scope: say(
    'Row 8: the record is outside of what the connection takes in.',
    (facts) => `Out of scope: ${said(facts, 'because', 'not taken in by the connection')}.`,
  ),
  still_in_directory: say(
    'Row 9: a listing left the record out, a direct read found it.',
    'Still in the directory; the listing was wrong.',
  ),
  not_confirmed: say(
    'Absent from a read, but nothing confirms that the record is gone.',
    (facts) => `Missing from the listing; not confirmed yet${suffix(facts, 'because')}.`,
  ),
  protected: say(
    'Row 10: a protected person is never archived by a sync.',
    (facts) => `Would be archived (${said(facts, 'would', 'left')}), but is protected.`,
  ),
  last_admin: say(
    'Row 10: the last active admin is never archived by a sync.',
    (facts) => `Would be archived (${said(facts, 'would', 'left')}), but is the last active admin.`,
  ),
  not_active_in_directory: say('Row 11: new, but not employed.', 'Not active in the directory.'),
  never_in_scope: say(
    'Row 12: outside of the scope, and nobody here.',
    (facts) => `Out of scope: ${said(facts, 'because', 'not taken in by the connection')}.`,
  ),
  unknown: say(
    'Row 13: the record cannot be judged.',
    (facts) => `The record cannot be used: ${said(facts, 'fault', 'it has no usable address.')}`,
  ),
  same_address: say(
    'Row 14: several records have one address.',
    'Several people in the directory have this address; an admin must decide.',
  ),
  address_taken: say(
    'Rows 17 and 19: the address is somebody else’s.',
    'The new address is somebody else’s; the e-mail was left as it is.',
  ),
  recreated: say(
    'Identity rule 3: perhaps the same person, perhaps a new one.',
    'Somebody who left had this address; an admin must say whether this is the same person.',
  ),
  candidate_linked: say(
    'Identity rule 4: the address is a person’s whose own record lives.',
    'The address belongs to a person with another record in this directory; an admin must decide.',
  ),
  archived_by_admin: say('Row 5: an admin archived the person.', 'Archived by an admin; stays archived.'),
  archived_by_another: say(
    'Row 4 does not apply: another source archived the person.',
    (facts) => `Archived by another source (${said(facts, 'by', 'unknown')}); stays archived.`,
  ),
  already_archived: say('Rows 6 to 8 for somebody who is archived.', 'Archived already.'),
  decided_elsewhere: say(
    'Another connection decides whether the person is employed.',
    'Another connection decides whether this person is employed.',
  ),
  overridden: say(
    'An override stands against the change.',
    (facts) => `An admin decided against this (${said(facts, 'change', 'change')}).`,
  ),
  superseded: say('Observed earlier than what is known.', 'A later reading is known already.'),
  unchanged: say('Nothing differs.', 'Nothing changed.'),
  never_linked: say('Row 20: the record is nobody’s.', 'The record was never linked to anybody.'),
  file_added: say('A row of a file: nobody here had the address.', 'Added by a file of people.'),
  file_updated: say(
    'A row of a file differs.',
    (facts) => `Changed by a file of people: ${said(facts, 'fields', 'nothing')}.`,
  ),
  file_restored: say(
    'A row of a file says active or pending of somebody archived.',
    'Brought back by a file of people.',
  ),
  file_archived: say('A row of a file says archived.', 'Archived by a file of people.'),
  file_left: say('A row of a file that changes nothing, and more than that is to be said of it.', (facts) =>
    said(facts, 'because', 'The row changes nothing.'),
  ),
  file_faulty: say('A row of a file with a fault; nothing is done with it.', (facts) =>
    said(facts, 'because', 'The row has a fault.'),
  ),
  file_unconfirmed: say(
    'More would be archived than a run may by itself, and their number was not confirmed.',
    'Not confirmed: the file archives more people than a run may by itself.',
  ),
  undone_update: say('A run was undone: fields went back.', 'Undone by an admin: back to what it was.'),
  undone_add: say('A run was undone: it had added the person.', 'Undone by an admin: the run had added this person.'),
  undone_archive: say(
    'A run was undone: it had archived the person.',
    'Undone by an admin: the run had archived this person.',
  ),
  undone_restore: say(
    'A run was undone: it had brought the person back.',
    'Undone by an admin: the run had brought this person back.',
  ),
  undone_link: say(
    'A run was undone: it had linked the person.',
    'Undone by an admin: the run had linked this person.',
  ),
} satisfies Record<string, ReasonWords>;

export type ReasonCode = keyof typeof REASONS;

/** Every code with its meaning, for documentation and API. */
export const REASON_CODES: readonly { code: ReasonCode; doc: string }[] = (Object.keys(REASONS) as ReasonCode[]).map(
  (code) => ({ code, doc: REASONS[code].doc }),
);

export function reason(code: ReasonCode, facts?: ReasonFacts): Reason {
  const text = REASONS[code].text(facts ?? {});
  return facts === undefined || Object.keys(facts).length === 0 ? { code, text } : { code, text, facts };
}

function suffix(facts: ReasonFacts, name: string): string {
  const text = said(facts, name, '');
  return text === '' ? '' : `: ${text}`;
}
