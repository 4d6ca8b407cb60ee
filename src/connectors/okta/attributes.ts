import type { AttributeList, DirectoryAttribute } from '../connector.js';
import { isObject, objectOf, type JsonObject } from '../json.js';
import type { Mapping } from '../kind.js';
import { nameOr } from '../text.js';
import { oktaAttribute } from './settings.js';
import type { OktaTransport, Question } from './transport.js';

/** What reading the schema of people takes, and no sync needs. */
export const SCHEMA_SCOPES = ['okta.schemas.read'];

/** The base attributes of every organisation, as Okta's profile editor calls them. All of them are text. */
const BASE: Readonly<Record<string, string>> = {
  login: 'Username',
  email: 'Primary email',
  secondEmail: 'Secondary email',
  firstName: 'First name',
  middleName: 'Middle name',
  lastName: 'Last name',
  displayName: 'Display name',
  nickName: 'Nickname',
  honorificPrefix: 'Honorific prefix',
  honorificSuffix: 'Honorific suffix',
  title: 'Title',
  department: 'Department',
  division: 'Division',
  organization: 'Organization',
  costCenter: 'Cost center',
  employeeNumber: 'Employee number',
  userType: 'User type',
  manager: 'Manager',
  managerId: 'Manager Id',
  mobilePhone: 'Mobile phone',
  primaryPhone: 'Primary phone',
  streetAddress: 'Street address',
  city: 'City',
  state: 'State',
  zipCode: 'Zip code',
  countryCode: 'Country code',
  postalAddress: 'Postal address',
  preferredLanguage: 'Preferred language',
  locale: 'Locale',
  timezone: 'Time zone',
  profileUrl: 'Profile Url',
};

export const standardAttributes: readonly DirectoryAttribute[] = Object.entries(BASE).map(([name, label]) => ({
  path: `profile.${name}`,
  label,
  type: 'text',
  multiple: false,
  custom: false,
}));

/** People of other user types may have attributes of their own; this is the schema of the default type. */
const SCHEMA: Question = {
  path: '/api/v1/meta/schemas/user/default',
  bucket: 'meta',
  what: 'the attributes of people',
};

/** @param transport One whose tokens have `SCHEMA_SCOPES`. @throws {ConnectorError} */
export async function readAttributes(
  transport: OktaTransport,
  mapping: Mapping,
  signal: AbortSignal,
): Promise<AttributeList> {
  const schema = objectOf((await transport.must(SCHEMA, signal)).body, "Okta's schema of people");
  const definitions = objectOf(schema['definitions'], "Okta's schema of people");
  const items = [...attributesOf(definitions['base'], false), ...attributesOf(definitions['custom'], true)];
  const listed = new Set(items.map(({ path }) => path));
  const { extras, ...fields } = mapping;
  const mapped = [...Object.values(fields), ...Object.values(extras)].filter((path) => path !== null);
  return { items, unlisted: [...new Set(mapped)].filter((path) => !listed.has(path)) };
}

/** An organisation without custom attributes has an empty part for them, or none. */
function attributesOf(definition: unknown, custom: boolean): DirectoryAttribute[] {
  if (definition === undefined || definition === null) return [];
  const properties = objectOf(definition, "Okta's schema of people")['properties'] ?? {};
  return Object.entries(objectOf(properties, "Okta's schema of people")).flatMap(([name, property]) => {
    const path = `profile.${name}`;
    if (!oktaAttribute.safeParse(path).success || !isObject(property)) return [];
    return { path, label: nameOr(property['title'], name), ...typeOf(property), custom };
  });
}

const TYPES: Readonly<Record<string, DirectoryAttribute['type']>> = {
  string: 'text',
  boolean: 'boolean',
  integer: 'number',
  number: 'number',
};

function typeOf(property: JsonObject): Pick<DirectoryAttribute, 'type' | 'multiple'> {
  const { type, items } = property;
  const multiple = type === 'array';
  const name = multiple ? (isObject(items) ? items['type'] : null) : type;
  return { type: (typeof name === 'string' && Object.hasOwn(TYPES, name) && TYPES[name]) || 'other', multiple };
}
