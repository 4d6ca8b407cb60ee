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
  const emailCanonical = address('email', cells.email ?? '', faults);
  if (cells.email === undefined || cells.email === '') faults.push({ field: 'email', text: 'There is no address.' });
  const values: JudgedRow['values'] = {};
  const { firstName, lastName, state, position, team, admin, manager } = cells;
  if (firstName !== undefined) values.firstName = name('firstName', firstName, faults);
  if (lastName !== undefined) values.lastName = name('lastName', lastName, faults);
  if (state !== undefined) values.state = word('state', state, STATES, NO_STATE, faults);
  if (position !== undefined) values.position = name('position', position, faults);
  if (team !== undefined) values.team = name('team', team, faults);
  if (admin !== undefined) values.admin = word('admin', admin, SWITCH, NO_SWITCH, faults);
  const row: Omit<JudgedRow, 'emailCanonical'> = { line, email: cells.email ?? '', values };
  if (manager !== undefined) row.manager = address('manager', manager, faults);
  if (emailCanonical === null || faults.length > 0) return { row: null, faults };
  return { row: { ...row, emailCanonical }, faults: [] };
}

const NO_STATE = 'Write Active, Pending or Archived, or leave it empty.';
const NO_SWITCH = 'Write yes or no, or leave it empty.';

function name(field: 'firstName' | 'lastName' | 'team' | 'position', cell: string, faults: CellFault[]): string | null {
  // As long as a directory may have made them.
  const longest = field === 'firstName' || field === 'lastName' ? LENGTHS.name : LENGTHS.text;
  if (cell.length > longest) faults.push({ field, text: `This is longer than ${longest} characters.` });
  else if (!canBeSaid(cell))
    faults.push({ field, text: 'A character of this was lost before the file came here; write it again.' });
  return cell === '' ? null : cell;
}

function word<Value>(
  field: 'state' | 'admin',
  cell: string,
  words: ReadonlyMap<string, Value>,
  otherwise: string,
  faults: CellFault[],
): Value | null {
  if (cell === '') return null;
  const value = words.get(cell) ?? words.get(cell.normalize('NFKC').toLowerCase());
  if (value === undefined) faults.push({ field, text: otherwise });
  return value ?? null;
}

function address(field: 'email' | 'manager', cell: string, faults: CellFault[]): string | null {
  if (cell === '') return null;
  const canonical = canonicalEmail(cell);
  if (canonical === null) faults.push({ field, text: 'This is no e-mail address.' });
  return canonical;
}

/** All that a row says of the person, in one way of writing: two rows that say the same have the same. */
export function contentOf({ values, manager }: JudgedRow): string {
  const { firstName, lastName, state, position, team, admin } = values;
  return JSON.stringify([firstName, lastName, state, position, team, admin, manager]);
}
