import type { Situation } from './facts.js';
import type { ReasonCode } from './reasons.js';

/** What a situation leads to, before overrides, protection and the guard. */
export interface Reaction {
  /** Row of *Situation → reaction*, or rule of *Which person is this record?*, in the specification. */
  row: string;
  do: 'add' | 'link' | 'relink' | 'update' | 'restore' | 'archive' | 'skip' | 'conflict';
  /** Reason of the skip or conflict, and of the change where it has just one. */
  because: ReasonCode;
  /**
   * Whether the record is settled once the reaction was carried out. An unsettled one is planned again in every run,
   * unchanged or not.
   */
  settles: boolean;
  /** Why it settles or not. */
  why: string;
}

/**
 * The table of the specification, row by row. Beside it stand: an override (`overridden`, settles: the facts that it
 * stands against are in the hash), protection (row 10, never settles), a link that waits for approval (never settles),
 * and a conflict beside a change (rows 17, 19: never settles).
 */
export const REACTIONS: Record<Situation, Reaction> = {
  newcomer: {
    row: '1; rule 5',
    do: 'add',
    because: 'added',
    settles: true,
    why: 'Everything that the record says is in the new person, the manager apart.',
  },
  newcomer_known_here: {
    row: '2; rule 2',
    do: 'link',
    because: 'linked',
    settles: true,
    why: 'Unless the address is spelt differently: linking never changes it, the next run does.',
  },
  changed: { row: '3, 16, 18', do: 'update', because: 'updated', settles: true, why: 'The fields equal the record.' },
  returned: {
    row: '4',
    do: 'restore',
    because: 'restored',
    settles: true,
    why: 'As an update; newly linked, as a link.',
  },
  returned_archived_by_admin: {
    row: '5',
    do: 'skip',
    because: 'archived_by_admin',
    settles: true,
    why: 'Until an admin restores the person, which unsettles their records.',
  },
  returned_archived_by_another: {
    row: '4 (not met)',
    do: 'restore',
    because: 'archived_by_another',
    settles: false,
    why: 'The directory takes its own reason back; another source may lift its own at any time.',
  },
  not_employed: {
    row: '6',
    do: 'archive',
    because: 'not_employed',
    settles: true,
    why: 'The person is archived, and as the record while it lives.',
  },
  absent_gone: { row: '7', do: 'archive', because: 'left_directory', settles: true, why: 'The record is gone.' },
  out_of_scope: {
    row: '8',
    do: 'archive',
    because: 'out_of_scope',
    settles: true,
    why: 'The verdict is part of the hash.',
  },
  absent_present: {
    row: '9',
    do: 'skip',
    because: 'still_in_directory',
    settles: false,
    why: 'The read was wrong about this one; the next says more.',
  },
  absent_unconfirmed: {
    row: '7 (not met)',
    do: 'skip',
    because: 'not_confirmed',
    settles: false,
    why: 'Absence is not evidence; the next read or witness decides.',
  },
  newcomer_not_employed: {
    row: '11',
    do: 'skip',
    because: 'not_active_in_directory',
    settles: true,
    why: 'The status is part of the hash.',
  },
  newcomer_out_of_scope: {
    row: '12',
    do: 'skip',
    because: 'never_in_scope',
    settles: true,
    why: 'The verdict is part of the hash.',
  },
  unknown: {
    row: '13',
    do: 'skip',
    because: 'unknown',
    settles: false,
    why: 'Counted and listed in every run until it can be judged.',
  },
  rival_addresses: {
    row: '14',
    do: 'conflict',
    because: 'same_address',
    settles: false,
    why: 'It ends when the other record changes, which does not touch this one.',
  },
  address_is_anothers: {
    row: '17, 19',
    do: 'update',
    because: 'address_taken',
    settles: false,
    why: 'It ends when the address is free, which does not touch this record.',
  },
  recreated: {
    row: 'rule 3',
    do: 'relink',
    because: 'recreated',
    settles: true,
    why: 'As a link; a conflict, where a condition fails, never settles.',
  },
  candidate_lives: {
    row: 'rule 4',
    do: 'conflict',
    because: 'candidate_linked',
    settles: false,
    why: 'It ends when an admin decides or the other record goes.',
  },
  already_archived: {
    row: '6, 7, 8 (archived)',
    do: 'skip',
    because: 'already_archived',
    settles: true,
    why: 'Nothing is left to do.',
  },
  decided_elsewhere: {
    row: 'Several connections',
    do: 'update',
    because: 'decided_elsewhere',
    settles: false,
    why: 'While this record lives, its turn may come; a record that is gone here settles, the others go on.',
  },
  never_linked_absent: {
    row: '20',
    do: 'skip',
    because: 'never_linked',
    settles: true,
    why: 'Whoever was never linked is never touched.',
  },
  superseded: {
    row: 'Newer wins',
    do: 'skip',
    because: 'superseded',
    settles: false,
    why: 'An older observation says nothing about the newer one.',
  },
  unchanged: {
    row: '3 (nothing differs)',
    do: 'skip',
    because: 'unchanged',
    settles: true,
    why: 'Nothing is left to do.',
  },
};

/**
 * Local facts that a settled record may depend on. Whoever changes one of them unsettles the records named, in the same
 * transaction; an unsettled record too many costs one decision, one too few is never planned again.
 */
export const UNSETTLING: readonly { fact: string; records: string }[] = [
  {
    fact: 'A managed field of a person was edited, or the person was archived, restored, protected or made an admin here.',
    records: 'linked to the person, and those with the person’s address',
  },
  { fact: 'A person was added or got another address by anybody but this connection.', records: 'with that address' },
  {
    fact: 'An override of a person was made or released, or a conflict resolved.',
    records: 'linked to the person, or named',
  },
  {
    fact: 'Another connection’s record of a person changed, came or went.',
    records: 'linked to the person, of the other connections',
  },
  {
    fact: 'A team, position or alias was made, renamed, moved or removed.',
    records: 'whose department or title matches it, or matched it',
  },
  { fact: 'Somebody came whom a record names as the manager.', records: 'that wait for this manager' },
  { fact: 'A domain was verified or is verified no more.', records: 'not linked, with an address in it' },
  {
    fact: 'A connection’s rank, mapping or policy changed.',
    records: 'all of it, and those of the same people elsewhere',
  },
];
