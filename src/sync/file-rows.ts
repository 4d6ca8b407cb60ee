import type { Reference } from './facts.js';
import { emptyFields } from './fields.js';
import type { FileField, FilePerson, FilePolicy, FileRow, RowDecision, RowNoteCode } from './file-rows.types.js';
import type { Change, PersonFields } from './model.js';
import { reason } from './reasons.js';
import { positionOf, teamOf } from './team-position.js';

export type * from './file-rows.types.js';

/** What one row works on, and what is found about it on the way. */
interface Look {
  row: FileRow;
  person: FilePerson | null;
  policy: FilePolicy;
  reference: Reference;
  /** Only what differs. */
  before: Partial<PersonFields>;
  after: Partial<PersonFields>;
  changed: FileField[];
  found: RowDecision;
}

const NOTES: Record<RowNoteCode, string> = {
  new_archived: 'Nobody here has this address, and nobody is made in order to be archived.',
  stays_active: 'Stays active: a file makes nobody pending who may sign in; archive them instead.',
  directory_keeps_archived: 'Stays archived: a directory archived this person and still lists them.',
  stays_archived: 'Archived, and stays so as they are; write Active or Pending to bring them back.',
  team_unknown: 'There is no such team; the team was left as it is.',
  position_unknown: 'There is no such position; the position was left as it is.',
  manager_self: 'Nobody is their own manager; the manager was left as it is.',
  admin_left: 'Comes back without being an admin.',
};

const MAKES_ADMINS =
  'Only who may make admins can change who is one, or let one in; take the word out of this cell, or ask them.';

/** The word for a field in a sentence. */
const WORDS: Record<FileField, string> = {
  email: 'e-mail',
  firstName: 'first name',
  lastName: 'last name',
  state: 'state',
  position: 'position',
  team: 'team',
  manager: 'manager',
  admin: 'admin',
};

/**
 * What one row of a file of people does to whoever has its address. Pure, and by the row alone: nobody is touched for not
 * being in a file. Decided against the person as they are, so that the same file does nothing the second time.
 */
export function decideRow(
  row: FileRow,
  person: FilePerson | null,
  policy: FilePolicy,
  reference: Reference,
): RowDecision {
  const look: Look = { row, person, policy, reference, before: {}, after: {}, changed: [], found: nothing() };
  if (person === null) ofNobody(look);
  else if (person.state === 'archived') ofArchived(look, person);
  else ofLiving(look, person);
  if (look.found.fault !== null) {
    Object.assign(look.found, { change: null, removal: false, invites: false });
  }
  return look.found;
}

function nothing(): RowDecision {
  return {
    change: null,
    removal: false,
    invites: false,
    kept: [],
    notes: [],
    fault: null,
    missingTeam: null,
    missingPosition: null,
  };
}

function ofNobody(look: Look): void {
  const { row, found } = look;
  const state = row.values.state ?? 'pending';
  if (state === 'archived') {
    note(look, 'new_archived', 'state');
    return;
  }
  fields(look);
  found.change = {
    kind: 'add',
    personId: '',
    reason: reason('file_added', { line: row.line }),
    before: null,
    after: { ...emptyFields(), ...look.after, state, email: row.email, emailCanonical: row.emailCanonical },
    expectedVersion: null,
  };
  found.invites = state === 'active';
}

function ofArchived(look: Look, person: FilePerson): void {
  const { row, found } = look;
  const { state } = row.values;
  if (state === 'archived') return;
  if (state === undefined || state === null) {
    note(look, 'stays_archived', null);
    return;
  }
  if (person.directoryKeepsArchived) {
    found.kept.push('state');
    note(look, 'directory_keeps_archived', 'state');
    return;
  }
  fields(look);
  if (person.isAdmin && row.values.admin !== true) {
    // Nobody becomes an admin again by a row that does not say so.
    if (row.values.admin === undefined) note(look, 'admin_left', 'admin');
    put(look, 'admin', 'isAdmin', false);
  } else if (person.isAdmin) staysAdmin(look, 'admin');
  found.change = {
    ...changeOf(look, person, 'restore', reason('file_restored', { line: row.line })),
    before: { ...look.before, state: 'archived' },
    after: { ...look.after, state },
    archiveReason: 'all',
  };
  found.invites = state === 'active' && person.archivedFrom === 'pending';
}

function ofLiving(look: Look, person: FilePerson): void {
  const { row, found } = look;
  const { state } = row.values;
  if (state === 'archived') {
    found.change = {
      ...changeOf(look, person, 'archive', reason('file_archived', { line: row.line })),
      before: { state: person.state },
      after: { state: 'archived' },
      archiveReason: 'csv',
    };
    found.removal = true;
    return;
  }
  if (state === 'pending' && person.state === 'active') note(look, 'stays_active', 'state');
  if (state === 'active' && person.state === 'pending') {
    put(look, 'state', 'state', 'active');
    found.invites = true;
  }
  fields(look);
  if (found.invites && person.isAdmin && look.after.isAdmin === undefined) staysAdmin(look, 'state');
  if (look.changed.length === 0) return;
  const words = look.changed.map((field) => WORDS[field]).join(', ');
  found.change = changeOf(look, person, 'update', reason('file_updated', { fields: words, line: row.line }));
}

function changeOf(
  { before, after }: Look,
  person: FilePerson,
  kind: Change['kind'],
  why: Change['reason'],
): Omit<Change, 'id'> {
  return { kind, personId: person.id, reason: why, before, after, expectedVersion: person.version };
}

/** Everything but the state. */
function fields(look: Look): void {
  text(look, 'firstName');
  text(look, 'lastName');
  team(look);
  position(look);
  manager(look);
  admin(look);
}

function text(look: Look, field: 'firstName' | 'lastName'): void {
  const value = look.row.values[field];
  if (value === undefined || isLeft(look, field, value)) return;
  const present = look.person?.[field];
  if (present !== value && plain(present) !== plain(value)) put(look, field, field, value);
}

/** As a file can say it: composed, without blanks around, and nothing rather than an empty text. */
function plain(value: string | null | undefined): string {
  return (value ?? '').normalize('NFC').trim();
}

function team(look: Look): void {
  const { row, person, reference, found } = look;
  const name = row.values.team;
  if (name === undefined || isLeft(look, 'team', name)) return;
  const present = person?.teamId ?? null;
  const next = name === null ? null : teamOf(name, reference);
  if (name !== null && next === null) {
    if (isManaged(look, 'team')) found.kept.push('team');
    else {
      found.missingTeam = name;
      note(look, 'team_unknown', 'team');
    }
  } else if (next !== present) put(look, 'team', 'teamId', next);
}

function position(look: Look): void {
  const { row, person, reference, found } = look;
  const name = row.values.position;
  if (name === undefined || isLeft(look, 'position', name)) return;
  const present = person?.positionId ?? null;
  if (name === null) {
    if (present !== null) put(look, 'position', 'positionId', null);
    return;
  }
  const teamId = look.after.teamId === undefined ? (person?.teamId ?? null) : look.after.teamId;
  const namesakes = reference.positionsByName.get(reference.fold(name)) ?? [];
  // Several frameworks may have the name: whoever stays in their team has the one that they have.
  if (look.after.teamId === undefined && namesakes.some((one) => one.id === present)) return;
  const next = positionOf(name, teamId, reference);
  if (next === null) {
    if (isManaged(look, 'position')) found.kept.push('position');
    else {
      found.missingPosition = name;
      note(look, 'position_unknown', 'position');
    }
  } else if (next !== present) put(look, 'position', 'positionId', next);
}

function manager(look: Look): void {
  const { row, person } = look;
  const next = row.values.managerId;
  if (next === undefined || isLeft(look, 'manager', next)) return;
  if (next !== null && next === person?.id) note(look, 'manager_self', 'manager');
  else if (next !== (person?.managerId ?? null)) put(look, 'manager', 'managerId', next);
}

function admin(look: Look): void {
  const { row, person, policy, found } = look;
  const value = row.values.admin;
  if (value === undefined || isLeft(look, 'admin', value)) return;
  const next = value ?? false;
  const comesBack = person?.state === 'archived' && !next;
  if (next === (person?.isAdmin ?? false) || comesBack) return;
  if (policy.mayMakeAdmins) put(look, 'admin', 'isAdmin', next);
  else found.fault = { field: 'admin', text: MAKES_ADMINS };
}

/** Somebody gets in as the admin that they are on paper: the plan says so, and takes who may make one. */
function staysAdmin({ policy, before, after, found }: Look, field: FileField): void {
  if (policy.mayMakeAdmins) {
    before.isAdmin = true;
    after.isAdmin = true;
  } else found.fault = { field, text: MAKES_ADMINS };
}

/** An empty cell, and nobody asked that it clears. */
function isLeft({ policy }: Look, field: FileField, value: unknown): boolean {
  return value === null && !policy.clearEmpty.has(field);
}

function isManaged({ person }: Look, field: FileField): boolean {
  return person?.managed.has(field) ?? false;
}

/** A field that differs: it changes, or a directory keeps it. */
function put<Key extends keyof PersonFields>(look: Look, field: FileField, key: Key, value: PersonFields[Key]): void {
  if (isManaged(look, field)) {
    look.found.kept.push(field);
    return;
  }
  if (look.person !== null) look.before[key] = look.person[key];
  look.after[key] = value;
  look.changed.push(field);
}

function note({ found }: Look, code: RowNoteCode, field: FileField | null): void {
  found.notes.push({ code, field, text: NOTES[code] });
}
