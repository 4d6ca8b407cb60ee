const BASE: readonly string[] = [
  ...['login', 'email', 'secondEmail', 'firstName', 'middleName', 'lastName', 'displayName', 'nickName'],
  ...['honorificPrefix', 'honorificSuffix', 'title', 'department', 'division', 'organization', 'costCenter'],
  ...['employeeNumber', 'userType', 'manager', 'managerId', 'mobilePhone', 'primaryPhone', 'streetAddress', 'city'],
  ...['state', 'zipCode', 'countryCode', 'postalAddress', 'preferredLanguage', 'locale', 'timezone', 'profileUrl'],
];

/** `/api/v1/meta/schemas/user/default`: the base attributes and this organisation's own two. */
export function userSchema(base: string, id: string): unknown {
  const text = (title: string): unknown => ({ title, type: 'string', scope: 'NONE', mutability: 'READ_WRITE' });
  return {
    id: `${base}/meta/schemas/user/${id}`,
    $schema: 'http://json-schema.org/draft-04/schema#',
    name: 'user',
    title: 'User',
    type: 'object',
    created: '2025-01-01T00:00:00.000Z',
    lastUpdated: '2025-01-01T00:00:00.000Z',
    definitions: {
      custom: {
        id: '#custom',
        type: 'object',
        properties: {
          workSite: text('Work site'),
          badges: { title: 'Badges', type: 'array', items: { type: 'string' }, scope: 'NONE' },
        },
        required: [],
      },
      base: {
        id: '#base',
        type: 'object',
        properties: Object.fromEntries(BASE.map((name) => [name, text(name)])),
        required: ['login', 'email'],
      },
    },
    properties: { profile: { allOf: [{ $ref: '#/definitions/custom' }, { $ref: '#/definitions/base' }] } },
  };
}
