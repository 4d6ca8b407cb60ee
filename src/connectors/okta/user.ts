import type {
  AttributeValue,
  DirectoryRecord,
  DirectoryStatus,
  FaultyRecord,
  ManagerReference,
  ScopeVerdict,
} from '../../sync/model.js';
import { EXCLUDED, type Exclusions } from '../exclusions.js';
import { isObject, type JsonObject } from '../json.js';
import type { Mapping } from '../kind.js';
import { extraValue, Fault, instantValue, LENGTHS, textValue, usableId } from '../text.js';

/** Okta's words for a person's standing. A word that is not among them makes the record unknown: never a guess. */
export const STATUSES: Readonly<Record<string, DirectoryStatus>> = {
  STAGED: 'not_started',
  PROVISIONED: 'employed',
  ACTIVE: 'employed',
  RECOVERY: 'employed',
  PASSWORD_EXPIRED: 'employed',
  LOCKED_OUT: 'employed',
  SUSPENDED: 'suspended',
  DEPROVISIONED: 'deprovisioned',
};

const OKTA_USER_ID = /^00u[A-Za-z0-9]{17}$/;

/** `managerId` is free text of the customer's: an id, an address, or anything else that people are known by. */
export function managerReference(value: string | null): ManagerReference | null {
  if (value === null) return null;
  if (OKTA_USER_ID.test(value)) return { by: 'id', value };
  return { by: value.includes('@') ? 'email' : 'text', value };
}

export type UserMapper = (user: unknown, scope: ScopeVerdict) => DirectoryRecord | FaultyRecord;

const IN: ScopeVerdict = { in: true };

/** The attribute of the profile that a mapping names: what stands behind `profile.`. */
function attributeOf(path: string): string {
  return path.slice('profile.'.length);
}

/**
 * Turns users of Okta into records. Made once per connector and called for each user of a listing, so it checks the few
 * fields that it takes by hand.
 *
 * @param notPeople Ids of groups and applications that the scope names: a user that has one of them is none.
 */
export function userMapper(mapping: Mapping, excluded: Exclusions, notPeople: ReadonlySet<string>): UserMapper {
  const email = attributeOf(mapping.email);
  const [firstName, lastName, department, title, manager, employeeNumber] = (
    ['firstName', 'lastName', 'department', 'title', 'manager', 'employeeNumber'] as const
  ).map((field) => (mapping[field] === null ? null : attributeOf(mapping[field])));
  const extras = Object.entries(mapping.extras).map(([name, path]) => ({ name, attribute: attributeOf(path) }));
  const text = (
    profile: JsonObject,
    attribute: string | null | undefined,
    field: string,
    longest: number,
  ): string | null =>
    attribute === null || attribute === undefined ? null : textValue(profile[attribute], field, longest);

  const record = (id: string, user: JsonObject, scope: ScopeVerdict): DirectoryRecord => {
    const profile = user['profile'];
    if (!isObject(profile)) throw new Fault('It has no profile.');
    const status =
      typeof user['status'] === 'string' && Object.hasOwn(STATUSES, user['status'])
        ? STATUSES[user['status']]
        : undefined;
    if (status === undefined) throw new Fault('Its status is none that Okta documents.');
    const address = text(profile, email, 'address', LENGTHS.email);
    const mapped: Record<string, AttributeValue> = {};
    for (const extra of extras) mapped[extra.name] = extraValue(profile[extra.attribute], extra.name);
    return {
      externalId: id,
      email: address,
      firstName: text(profile, firstName, 'first name', LENGTHS.name),
      lastName: text(profile, lastName, 'last name', LENGTHS.name),
      department: text(profile, department, 'department', LENGTHS.text),
      title: text(profile, title, 'title', LENGTHS.text),
      manager: managerReference(text(profile, manager, 'manager', LENGTHS.text)),
      employeeNumber: text(profile, employeeNumber, 'employee number', LENGTHS.employeeNumber),
      extras: mapped,
      status,
      scope: excluded(id, address) ? EXCLUDED : scope,
      lastSignInAt: instantValue(user['lastLogin']),
    };
  };

  return (user, scope = IN) => {
    if (!isObject(user)) return { externalId: null, fault: 'An entry of the list is not a user.' };
    const id = usableId(user['id']);
    if (id === null) return { externalId: null, fault: 'It has no usable id.' };
    if (notPeople.has(id)) return { externalId: null, fault: 'Its id is that of a group or application.' };
    try {
      return record(id, user, scope);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { externalId: id, fault: error.message };
    }
  };
}
