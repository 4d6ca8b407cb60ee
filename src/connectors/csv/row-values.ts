import { canonicalEmail } from '../../common/email.js';
import type { FileRow } from '../../sync/file-rows.types.js';
import { LENGTHS } from '../text.js';
import type { FileField, RawRow } from './csv.types.js';

/** What is wrong with one cell: a sentence for who wrote it. */
export interface CellFault {
  field: FileField;
  text: string;
}

/** A row whose every cell says something that there is. Who the manager is has still to be looked up. */
export type JudgedRow = Omit<FileRow, 'values'> & {
  values: Omit<FileRow['values'], 'managerId'>;
  /** In canonical form; not there without a column, null for an empty cell. */
  manager?: string | null;
};

const STATES: ReadonlyMap<string, 'active' | 'pending' | 'archived'> = new Map([
  ['active', 'active'],
  ['pending', 'pending'],
  ['archived', 'archived'],
]);

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['0', false],
]);

/** The words of a file that we write. */
export const STATE_WORDS = { active: 'Active', pending: 'Pending', archived: 'Archived' } as const;
export const ADMIN_WORDS = { true: 'yes', false: 'no' } as const;

/** Never found in a text that came whole; what is no character, and halves of one, are not kept. */
const LOST = /[\ufffd\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Whether a file can say this: what lost a character before it came here would be taken for somebody's name. */
export function canBeSaid(text: string): boolean {
  return !LOST.test(text);
}

/** What a row says, judged by itself; or all that is wrong with it, and nothing else. */
export function judgeRow({ line, cells }: RawRow): { row: JudgedRow; faults: [] } | { row: null; faults: CellFault[] } {
  const faults: CellFault[] = [];
  const fault = (field: FileField, text: string): null => {
    faults.push({ field, text });
    return null;
  };
  const name = (field: 'firstName' | 'lastName' | 'team' | 'position'): string | null => {
    const cell = cells[field] ?? '';
    // As long as a directory may have made them.
    const longest = field === 'firstName' || field === 'lastName' ? LENGTHS.name : LENGTHS.text;
    if (cell.length > longest) return fault(field, `This is longer than ${longest} characters.`);
    if (!canBeSaid(cell))
      return fault(field, 'A character of this was lost before the file came here; write it again.');
    return cell === '' ? null : cell;
  };
  const word = <Value>(
    field: 'state' | 'admin',
    words: ReadonlyMap<string, Value>,
    otherwise: string,
  ): Value | null => {
    const cell = cells[field] ?? '';
    return cell === '' ? null : (words.get(cell.normalize('NFKC').toLowerCase()) ?? fault(field, otherwise));
  };
  const address = (field: 'email' | 'manager'): string | null => {
    const cell = cells[field] ?? '';
    if (cell === '') return field === 'email' ? fault(field, 'There is no address.') : null;
    return canonicalEmail(cell) ?? fault(field, 'This is no e-mail address.');
  };
  const there = (field: FileField): boolean => cells[field] !== undefined;

  const emailCanonical = address('email');
  const values: JudgedRow['values'] = {
    ...(there('firstName') && { firstName: name('firstName') }),
    ...(there('lastName') && { lastName: name('lastName') }),
    ...(there('state') && {
      state: word('state', STATES, 'Write Active, Pending or Archived, or leave it empty.'),
    }),
    ...(there('position') && { position: name('position') }),
    ...(there('team') && { team: name('team') }),
    ...(there('admin') && { admin: word('admin', SWITCH, 'Write yes or no, or leave it empty.') }),
  };
  const manager = there('manager') && { manager: address('manager') };
  if (emailCanonical === null || faults.length > 0) return { row: null, faults };
  return { row: { line, email: cells.email ?? '', emailCanonical, values, ...manager }, faults: [] };
}

/** All that a row says of the person, in one way of writing: two rows that say the same have the same. */
export function contentOf({ values, manager }: JudgedRow): string {
  const { firstName, lastName, state, position, team, admin } = values;
  return JSON.stringify([firstName, lastName, state, position, team, admin, manager]);
}
