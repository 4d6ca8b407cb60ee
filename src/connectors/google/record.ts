import type {
  AttributeValue,
  DirectoryRecord,
  DirectoryStatus,
  FaultyRecord,
  ManagerReference,
  ScopeVerdict,
} from '../../sync/model.js';
import { isObject, type JsonObject } from '../json.js';
import type { Mapping } from '../kind.js';
import { extraValue, Fault, instantValue, LENGTHS, textValue, usableId } from '../text.js';
import { parseAttribute, type Attribute } from './attributes.js';

/** Fields that are asked for whatever the mapping says. */
const ALWAYS = [
  'id',
  'primaryEmail',
  'suspended',
  'archived',
  'deletionTime',
  'isGuestUser',
  'orgUnitPath',
  'lastLoginTime',
];

/** What the scope says of a user that is no guest. @throws {Fault} when the user does not tell enough. */
export type Judge = (user: JsonObject, externalId: string, email: string | null) => ScopeVerdict;

export const GUEST: ScopeVerdict = { in: false, because: 'A guest of another organisation (isGuestUser).' };

/** How users become records, worked out once per connection: a listing of 100,000 users goes through `toRecord`. */
export interface RecordMapping {
  /** What every read of users asks for: the mapped attributes, custom schemas by name, and no more. */
  query: { projection: 'basic' } | { projection: 'custom'; customFieldMask: string };
  /** For `fields`: top-level fields of a user, with commas between. */
  fields: string;
  /** The attribute that is the address. */
  emailPath: string;
  toRecord(user: unknown, judge: Judge): DirectoryRecord | FaultyRecord;
}

type Read = (user: JsonObject) => string | null;

/** @throws {TypeError} for a mapping that its schema would have refused. */
export function recordMapping(mapping: Mapping): RecordMapping {
  const used: Attribute[] = [];
  const attribute = (path: string): Attribute => {
    const found = parseAttribute(path);
    if (found === null) throw new TypeError(`no attribute of a user: ${path}`);
    used.push(found);
    return found;
  };
  const text = (path: string | null, longest: number): Read => {
    if (path === null) return () => null;
    const { read } = attribute(path);
    return (user) => textValue(firstOf(read(user)), path, longest);
  };
  const email = text(mapping.email, LENGTHS.email);
  const firstName = text(mapping.firstName, LENGTHS.name);
  const lastName = text(mapping.lastName, LENGTHS.name);
  const department = text(mapping.department, LENGTHS.text);
  const title = text(mapping.title, LENGTHS.text);
  const manager = text(mapping.manager, LENGTHS.text);
  const employeeNumber = text(mapping.employeeNumber, LENGTHS.employeeNumber);
  const extras = Object.entries(mapping.extras).map(([name, path]) => ({ name, path, read: attribute(path).read }));

  const build = (user: JsonObject, externalId: string, judge: Judge): DirectoryRecord => {
    const address = email(user);
    return {
      externalId,
      email: address,
      firstName: firstName(user),
      lastName: lastName(user),
      department: department(user),
      title: title(user),
      manager: managerReference(manager(user)),
      employeeNumber: employeeNumber(user),
      extras: extras.length === 0 ? {} : extrasOf(user, extras),
      status: statusOf(user),
      scope: flag(user, 'isGuestUser') ? GUEST : judge(user, externalId, address),
      // Google writes 1970 for somebody who never signed in.
      lastSignInAt: instantValue(user['lastLoginTime']),
      ...traitsOf(user['orgUnitPath']),
    };
  };

  const schemas = [...new Set(used.flatMap((one) => one.schema ?? []))];
  return {
    query:
      schemas.length === 0 ? { projection: 'basic' } : { projection: 'custom', customFieldMask: schemas.join(',') },
    fields: [...new Set([...ALWAYS, ...used.map((one) => one.field)])].join(','),
    emailPath: mapping.email,
    toRecord(user, judge) {
      if (!isObject(user)) return { externalId: null, fault: 'It is not an object.' };
      const externalId = usableId(user['id']);
      if (externalId === null) return { externalId: null, fault: 'It has no usable id.' };
      try {
        return build(user, externalId, judge);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return { externalId, fault: error.message };
      }
    },
  };
}

function traitsOf(unit: unknown): Pick<DirectoryRecord, 'traits'> {
  return typeof unit === 'string' && unit !== '' && unit !== '/' ? { traits: { unit } } : {};
}

function extrasOf(
  user: JsonObject,
  extras: readonly { name: string; path: string; read: Attribute['read'] }[],
): Record<string, AttributeValue> {
  const values: Record<string, AttributeValue> = {};
  for (const { name, path, read } of extras) values[name] = extraValue(read(user), path);
  return values;
}

/** A field that takes one value takes the first of several. */
function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[])[0] : value;
}

/** Google leaves a flag out rather than lie; any other type is not guessed at. */
function flag(user: JsonObject, name: string): boolean {
  const value = user[name];
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw new Fault(`Its ${name} is neither true nor false.`);
}

function statusOf(user: JsonObject): DirectoryStatus {
  if (typeof user['deletionTime'] === 'string' && user['deletionTime'] !== '') return 'deleted';
  // Both can be set; the archive licence is the more deliberate of the two.
  if (flag(user, 'archived')) return 'archived';
  return flag(user, 'suspended') ? 'suspended' : 'employed';
}

const GOOGLE_ID = /^\d{15,25}$/;

/** `relations[type=manager]` is an address by custom, free text in truth. */
function managerReference(value: string | null): ManagerReference | null {
  if (value === null) return null;
  if (value.includes('@')) return { by: 'email', value };
  return { by: GOOGLE_ID.test(value) ? 'id' : 'text', value };
}
