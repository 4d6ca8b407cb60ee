import { describe, expect, it } from '@jest/globals';
import { neededScopes, OAUTH } from './oauth-scopes.js';
import { defaultGoogleMapping, googleInstallation, googleMapping, googleScope } from './settings.js';

describe('the scope of a connection', () => {
  it.each([
    [{ kind: 'directory' }],
    [{ kind: 'directory', excluded: ['ana@example.com', '100000000000000000001'], customer: 'C03az79cb' }],
    [{ kind: 'units', units: ['id:03ph8a2z221pcso', '/Sales/EMEA'] }],
    [{ kind: 'groups', groups: ['01ci93xb2hqxwsh', 'staff@example.com'] }],
  ])('%j is taken', (scope) => {
    expect(googleScope.safeParse(scope).success).toBe(true);
  });

  it.each([
    [{}],
    [{ kind: 'application' }],
    [{ kind: 'directory', groups: ['01ci93xb2hqxwsh'] }],
    [{ kind: 'directory', customer: 'my_customer' }],
    [{ kind: 'units', units: [] }],
    [{ kind: 'units', units: ['/'] }],
    [{ kind: 'units', units: ['Sales'] }],
    [{ kind: 'units', units: ['id:../x'] }],
    [{ kind: 'groups', groups: [] }],
    [{ kind: 'groups', groups: ['no group'] }],
    [{ kind: 'groups', groups: ['../users'] }],
    [{ kind: 'groups', groups: ['01ci93xb2hqxwsh'], excluded: [''] }],
  ])('%j is refused', (scope) => {
    expect(googleScope.safeParse(scope).success).toBe(false);
  });

  it('needs no more OAuth scopes than its reads do', () => {
    expect(neededScopes({ kind: 'directory', excluded: [] })).toEqual([OAUTH.users]);
    expect(neededScopes({ kind: 'units', units: ['/Sales'], excluded: [] })).toEqual([OAUTH.users, OAUTH.units]);
    expect(neededScopes({ kind: 'groups', groups: ['x'], excluded: [] })).toEqual([OAUTH.users, OAUTH.groups]);
  });
});

describe('the mapping', () => {
  it('the default one is valid', () => {
    expect(googleMapping.parse(defaultGoogleMapping)).toEqual(defaultGoogleMapping);
  });

  it.each([
    'recoveryEmail',
    'recoveryPhone',
    'password',
    'id',
    'name',
    'name.x',
    '__proto__',
    'constructor.name',
    'organizations',
    'organizations.x',
    'customSchemas.HR',
    'customSchemas.HR.a.b',
    'relations',
    '',
    'toString',
  ])('the attribute %j is refused', (path) => {
    expect(googleMapping.safeParse({ ...defaultGoogleMapping, title: path }).success).toBe(false);
  });

  it.each(['isAdmin', 'admin', 'role', 'state', 'isProtected', 'OWNER', 'a b'])(
    'F-81 the extra %j is refused',
    (name) => {
      const extras = { [name]: 'orgUnitPath' };
      expect(googleMapping.safeParse({ ...defaultGoogleMapping, extras }).success).toBe(false);
    },
  );

  it('the address has to come from somewhere, and nothing unknown is taken', () => {
    expect(googleMapping.safeParse({ ...defaultGoogleMapping, email: null }).success).toBe(false);
    expect(googleMapping.safeParse({ ...defaultGoogleMapping, isAdmin: 'orgUnitPath' }).success).toBe(false);
  });
});

describe('settings of the installation', () => {
  it("are Google's own hosts when nothing is set, and leave the settings of others alone", () => {
    expect(googleInstallation({ something: 1 })).toMatchObject({
      baseUrl: 'https://admin.googleapis.com',
      tokenUrl: 'https://oauth2.googleapis.com/token',
      iamUrl: 'https://iamcredentials.googleapis.com',
      insecureLoopback: false,
    });
  });

  it('can be given as texts, as the environment does', () => {
    const texts = { firstByteMs: '200', allowedHosts: 'gateway.example, other.example', insecureLoopback: true };
    expect(googleInstallation(texts)).toMatchObject({
      firstByteMs: 200,
      allowedHosts: ['gateway.example', 'other.example'],
    });
  });

  it.each([
    [{ baseUrl: 'ftp://x.example' }, 'baseUrl'],
    [{ tokenUrl: 'nonsense' }, 'tokenUrl'],
    [{ serviceAccount: 'nonsense', serviceAccountClientId: '1' }, 'serviceAccount, serviceAccountClientId'],
    [{ serviceAccount: 'a@b.example' }, 'serviceAccountClientId'],
  ])('%j is refused, naming the key and not the value', (settings, keys) => {
    expect(() => googleInstallation(settings)).toThrow(`Google: ${keys}.`);
    expect(() => googleInstallation(settings)).not.toThrow(/nonsense/u);
  });
});
