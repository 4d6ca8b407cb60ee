/** Every base attribute with its title, in Okta's order. */
const BASE: Readonly<Record<string, string>> = {
  login: 'Username',
  firstName: 'First name',
  lastName: 'Last name',
  middleName: 'Middle name',
  honorificPrefix: 'Honorific prefix',
  honorificSuffix: 'Honorific suffix',
  email: 'Primary email',
  title: 'Title',
  displayName: 'Display name',
  nickName: 'Nickname',
  profileUrl: 'Profile Url',
  secondEmail: 'Secondary email',
  mobilePhone: 'Mobile phone',
  primaryPhone: 'Primary phone',
  streetAddress: 'Street address',
  city: 'City',
  state: 'State',
  zipCode: 'Zip code',
  countryCode: 'Country code',
  postalAddress: 'Postal Address',
  preferredLanguage: 'Preferred language',
  locale: 'Locale',
  timezone: 'Time zone',
  userType: 'User type',
  employeeNumber: 'Employee number',
  costCenter: 'Cost center',
  organization: 'Organization',
  division: 'Division',
  department: 'Department',
  managerId: 'ManagerId',
  manager: 'Manager',
};

const REQUIRED = ['login', 'email'];

/** A property of the schema, with what Okta writes beside its type. */
export function schemaProperty(title: string, type: string, more: object = {}): object {
  return {
    title,
    type,
    ...more,
    scope: 'NONE',
    mutability: 'READ_WRITE',
    permissions: [{ principal: 'SELF', action: 'READ_ONLY' }],
    master: { type: 'PROFILE_MASTER' },
  };
}

/** What this organisation added for itself. */
export const CUSTOM_ATTRIBUTES: Readonly<Record<string, object>> = {
  workSite: schemaProperty('Work site', 'string', { description: 'Where somebody works', externalName: 'workSite' }),
  badges: schemaProperty('Badges', 'array', { items: { type: 'string' } }),
};

/** `/api/v1/meta/schemas/user/default`: the base attributes, and the organisation's own. */
export function userSchema(base: string, id: string, custom: Readonly<Record<string, object>>): unknown {
  const self = `${base}/api/v1/meta/schemas/user/${id}`;
  const property = (name: string, title: string): object =>
    REQUIRED.includes(name)
      ? { ...schemaProperty(title, 'string', { required: true }), minLength: 5, maxLength: 100 }
      : schemaProperty(title, 'string');
  return {
    id: `${base}/meta/schemas/user/${id}`,
    $schema: 'http://json-schema.org/draft-04/schema#',
    name: 'user',
    title: 'User',
    description: 'Okta user profile template with default permission settings',
    lastUpdated: '2025-01-01T00:00:00.000Z',
    created: '2025-01-01T00:00:00.000Z',
    definitions: {
      custom: { id: '#custom', type: 'object', properties: custom, required: [] },
      base: {
        id: '#base',
        type: 'object',
        properties: Object.fromEntries(Object.entries(BASE).map(([name, title]) => [name, property(name, title)])),
        required: REQUIRED,
      },
    },
    type: 'object',
    properties: { profile: { allOf: [{ $ref: '#/definitions/custom' }, { $ref: '#/definitions/base' }] } },
    _links: {
      self: { rel: 'self', href: self, method: 'GET' },
      type: { rel: 'type', href: `${base}/api/v1/meta/types/user/${id.replace(/^osc/u, 'oty')}`, method: 'GET' },
    },
  };
}
