import { isObject, valueAt, type JsonObject } from '../json.js';
import { Fault } from '../text.js';

/** An attribute of Google's user resource that a mapping may name. */
export interface Attribute {
  path: string;
  /** Top-level field to ask for. */
  field: string;
  /** The custom schema that has to be asked for by name. */
  schema: string | null;
  /** As received; undefined when the user has none. A multi-valued custom field gives an array. */
  read: (user: JsonObject) => unknown;
}

/** Single values. Recovery address and phone, passwords, keys and the like are personal or secret: never asked for. */
const PLAIN = new Set([
  'primaryEmail',
  'orgUnitPath',
  'creationTime',
  'suspensionReason',
  'aliases',
  'nonEditableAliases',
  'includeInGlobalAddressList',
  'isMailboxSetup',
  'isEnrolledIn2Sv',
  'isEnforcedIn2Sv',
]);

const NAME = new Set(['givenName', 'familyName', 'fullName', 'displayName']);

/** Lists of objects of which one is the person's own: the primary one, or the first where none is marked. */
const PRIMARY_OF: Record<string, ReadonlySet<string>> = {
  organizations: new Set([
    'title',
    'department',
    'costCenter',
    'name',
    'location',
    'domain',
    'symbol',
    'description',
    'fullTimeEquivalent',
    'type',
  ]),
  locations: new Set(['area', 'buildingId', 'deskCode', 'floorName', 'floorSection', 'type']),
};

/** Lists of typed values, and the key under which each entry has its value. */
const BY_TYPE: Record<string, string> = {
  externalIds: 'value',
  relations: 'value',
  emails: 'address',
  phones: 'value',
};

const STEP = /^[A-Za-z0-9_][A-Za-z0-9_ -]{0,63}$/;

/**
 * Understands a path of a mapping: `primaryEmail`, `name.givenName`, `organizations.department` (of the primary
 * organisation, else the first), `externalIds.organization` and `relations.manager` (by type or custom type),
 * `customSchemas.HR.grade`.
 *
 * @returns Null for a path that names nothing which may be read.
 */
export function parseAttribute(path: string): Attribute | null {
  const [field = '', second, third, ...rest] = path.split('.');
  if (rest.length > 0) return null;
  if (second === undefined) {
    return PLAIN.has(field) ? { path, field, schema: null, read: (user) => user[field] } : null;
  }
  if (!STEP.test(second)) return null;
  if (field === 'customSchemas') {
    if (third === undefined || !STEP.test(third)) return null;
    return { path, field, schema: second, read: (user) => customValue(user, second, third) };
  }
  if (third !== undefined) return null;
  if (field === 'name') {
    return NAME.has(second) ? { path, field, schema: null, read: (user) => partOfName(user, second) } : null;
  }
  if (Object.hasOwn(PRIMARY_OF, field)) {
    if (!PRIMARY_OF[field]?.has(second)) return null;
    return { path, field, schema: null, read: (user) => primaryOf(user[field], field)?.[second] };
  }
  const key = Object.hasOwn(BY_TYPE, field) ? BY_TYPE[field] : undefined;
  return key === undefined
    ? null
    : { path, field, schema: null, read: (user) => byType(user[field], field, second, key) };
}

function partOfName(user: JsonObject, part: string): unknown {
  const { name } = user;
  if (name === undefined || name === null) return undefined;
  if (!isObject(name)) throw new Fault('Its name is not an object.');
  return name[part];
}

/** The library types these lists as `any`, and customers fill them by program: nothing in them is taken on trust. */
function entriesOf(list: unknown, field: string): unknown[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Fault(`Its ${field} is not a list.`);
  return list;
}

function primaryOf(list: unknown, field: string): JsonObject | undefined {
  let first: JsonObject | undefined;
  for (const entry of entriesOf(list, field)) {
    if (!isObject(entry)) throw new Fault(`Its ${field} has an entry that is not an object.`);
    if (entry['primary'] === true) return entry;
    first ??= entry;
  }
  return first;
}

function byType(list: unknown, field: string, type: string, key: string): unknown {
  for (const entry of entriesOf(list, field)) {
    if (!isObject(entry)) throw new Fault(`Its ${field} has an entry that is not an object.`);
    const matches = entry['type'] === type || (entry['type'] === 'custom' && entry['customType'] === type);
    const value = entry[key];
    if (matches && value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

/** A multi-valued field comes as `[{ type, value }, …]`. */
function customValue(user: JsonObject, schema: string, field: string): unknown {
  const value = valueAt(user['customSchemas'], [schema, field]);
  if (!Array.isArray(value)) return value;
  return value.map((entry: unknown) => (isObject(entry) ? entry['value'] : entry));
}
