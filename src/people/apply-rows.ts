import type { AuditSubject } from '../audit/audit.types.js';
import { foldName } from '../common/fold.js';
import type { EventType, NewEvent } from '../events/events.types.js';
import { changedFields } from './apply-next.js';
import type { ChangedBy, PersonRow, Step } from './people.types.js';
import { searchWords } from './search-words.js';

/** In code points: it stands in indexes and in the cursors of pages. */
const LONGEST_SORT_NAME = 120;

/** What a person is sorted by: family name first, then given name; the address where there is no name. */
export function sortName(person: Pick<PersonRow, 'firstName' | 'lastName' | 'emailCanonical'>): string {
  const folded = foldName([person.lastName, person.firstName].filter(Boolean).join(' '));
  if (folded === '') return person.emailCanonical;
  return folded.length <= LONGEST_SORT_NAME ? folded : [...folded].slice(0, LONGEST_SORT_NAME).join('');
}

/** A row of `person` as jsonb_to_recordset reads it: what is left out is null, and PostgreSQL has less to take apart. */
export function personColumns(row: PersonRow): Record<string, unknown> {
  return {
    id: row.id,
    state: row.state,
    email: row.email,
    email_canonical: row.emailCanonical,
    first_name: row.firstName ?? undefined,
    last_name: row.lastName ?? undefined,
    sort_name: sortName(row),
    is_admin: row.isAdmin,
    is_protected: row.isProtected,
    team_id: row.teamId ?? undefined,
    position_id: row.positionId ?? undefined,
    manager_id: row.managerId ?? undefined,
    employee_number: row.employeeNumber ?? undefined,
    attributes: row.attributes,
    archive_reasons: row.archiveReasons,
    archived_at: row.archivedAt ?? undefined,
    archived_from: row.archivedFrom ?? undefined,
    version: row.version,
  };
}

/** Words that the person is found by, when they are not what they were. */
export function newWords({ current, next }: Step): string[] | null {
  const same =
    current?.firstName === next.firstName &&
    current.lastName === next.lastName &&
    current.emailCanonical === next.emailCanonical;
  return same ? null : searchWords(next);
}

function eventType({ change, current, next }: Step): EventType {
  if (change.kind === 'add') return 'person.added';
  if (current?.state === 'archived' && next.state !== 'archived') return 'person.restored';
  if (current?.state !== 'archived' && next.state === 'archived') return 'person.archived';
  if (change.kind === 'link') return 'person.linked';
  return change.kind === 'relink' ? 'person.relinked' : 'person.updated';
}

/** What the audit log and the outbox keep of one step: one entry and one event, of the same name. */
export function toldOf(step: Step, by: ChangedBy): { entry: AuditSubject; event: NewEvent } {
  const { change, current, next } = step;
  const fields = changedFields(current, next);
  const type = eventType(step);
  const values = Object.fromEntries(fields.map((field) => [field, next[field]]));
  return {
    entry: {
      action: type,
      subject: { kind: 'person', id: next.id },
      fields,
      detail: {
        change: change.id,
        kind: change.kind,
        origin: by.origin,
        reason: change.reason.code,
        version: next.version,
      },
    },
    event: {
      id: change.id,
      type,
      personId: next.id,
      payload: {
        kind: change.kind,
        origin: by.origin,
        reason: change.reason.code,
        state: next.state,
        version: next.version,
        changed: values,
      },
    },
  };
}
