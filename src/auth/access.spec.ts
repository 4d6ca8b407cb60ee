import { describe, expect, it } from '@jest/globals';
import { codeOf } from '../common/errors.js';
import { assertMay, type GuardedRoute } from './access.js';
import { ALL_SCOPES, NO_SESSION, type Caller, type Scope } from './auth.types.js';
import { NOT_FOR_SUPPORT, scopesOf, SET_UP_SCOPES, type Standing } from './permissions.js';

const caller = (more: Partial<Caller>): Caller => ({
  ...NO_SESSION,
  kind: 'session',
  organisationId: 'o',
  credentialId: 's',
  personId: 'p',
  scopes: new Set(),
  networks: [],
  address: '127.0.0.1',
  requestId: 'r',
  ...more,
});
const route = (more: Partial<GuardedRoute>): GuardedRoute => ({
  policy: { signedIn: true },
  setUp: null,
  inSupport: false,
  params: {},
  ...more,
});
const outcome = (who: Caller, where: GuardedRoute): string => {
  try {
    assertMay(who, where);
    return 'in';
  } catch (error) {
    return codeOf(error);
  }
};

const operator = { personId: 'p', organisationId: 'i', supportSessionId: null, supportOver: false };
const visiting = { ...operator, supportSessionId: 'v' };
const setUp = { linkId: 'l', kinds: ['directory'] as const, objects: ['mine'] };
const people = { policy: { scope: 'people:read' as const } };

describe('A-05 who may use a route', () => {
  it.each<[string, Partial<Caller>, Partial<GuardedRoute>, string]>([
    ['a key with the scope', { kind: 'key', scopes: new Set<Scope>(['people:read']) }, people, 'in'],
    ['a key without it', { kind: 'key' }, people, 'request.forbidden'],
    ['a key on a route about oneself', { kind: 'key', scopes: new Set(ALL_SCOPES) }, {}, 'request.forbidden'],
    ['a person on a route about oneself', {}, {}, 'in'],
    ['a person by a link on a route about oneself', { strength: 'link' }, {}, 'in'],
    ['an admin by a link', { strength: 'link', role: 'admin' }, people, 'session.passkey_needed'],
    ['a member by a link', { strength: 'link', role: 'member' }, people, 'request.forbidden'],
    ['a person where operators are meant', {}, { policy: { operator: 'operator:mail' } }, 'request.forbidden'],
    ['an operator there', { operator }, { policy: { operator: 'operator:mail' } }, 'in'],
    [
      'an operator by a link',
      { operator, strength: 'link' },
      { policy: { operator: 'operator:mail' } },
      'session.passkey_needed',
    ],
    ['a visiting operator', { operator: visiting }, { policy: { operator: 'operator:mail' } }, 'request.forbidden'],
    [
      'a visiting operator who leaves',
      { operator: visiting },
      { policy: { operator: 'operator:support' }, inSupport: true },
      'in',
    ],
    ['a visiting operator on a route about oneself', { operator: visiting }, {}, 'request.forbidden'],
    ['a visiting operator without the scope', { operator: visiting }, people, 'request.forbidden'],
    ['a visit that is over', { operator: { ...visiting, supportOver: true } }, people, 'support.ended'],
    [
      'the command line as an operator',
      { kind: 'command_line' },
      { policy: { operator: 'operator:mail' } },
      'request.forbidden',
    ],
  ])('%s', (_who, who, where, expected) => {
    expect(outcome(caller(who), route(where))).toBe(expected);
  });

  it.each<[string, Partial<GuardedRoute>, string]>([
    ['a route of its kind', { policy: { scope: 'connections:read' }, setUp: { kind: 'directory', owns: null } }, 'in'],
    [
      'one of the other kind',
      { policy: { scope: 'connections:read' }, setUp: { kind: 'sso', owns: null } },
      'request.forbidden',
    ],
    ['one that says nothing of set-up', { policy: { scope: 'connections:read' } }, 'request.forbidden'],
    [
      'its own',
      { policy: { scope: 'connections:read' }, setUp: { kind: 'directory', owns: 'id' }, params: { id: 'mine' } },
      'in',
    ],
    [
      'another’s',
      { policy: { scope: 'connections:read' }, setUp: { kind: 'directory', owns: 'id' }, params: { id: 'other' } },
      'request.forbidden',
    ],
    [
      'none at all',
      { policy: { scope: 'connections:read' }, setUp: { kind: 'directory', owns: 'id' } },
      'request.forbidden',
    ],
    [
      'a scope beyond its kind',
      { policy: { scope: 'people:read' }, setUp: { kind: 'directory', owns: null } },
      'request.forbidden',
    ],
    ['a route about oneself', {}, 'request.forbidden'],
    ['a route of operators', { policy: { operator: 'operator:mail' } }, 'request.forbidden'],
  ])('who has a set-up link, on %s', (_where, where, expected) => {
    const scopes = scopesOf({ kind: 'set_up', kinds: setUp.kinds });
    expect(outcome(caller({ kind: 'set_up', personId: null, scopes, setUp }), route(where))).toBe(expected);
  });
});

describe('A-04 what a session may do', () => {
  const count = (standing: Standing): number => scopesOf(standing).size;

  it('follows from what its person is, and how that was shown', () => {
    for (const strength of ['provider', 'passkey', 'break_glass'] as const) {
      expect(count({ kind: 'person', role: 'admin', strength })).toBe(ALL_SCOPES.length);
      expect(count({ kind: 'person', role: 'member', strength })).toBe(0);
      expect(count({ kind: 'support', strength, over: true })).toBe(0);
      expect(
        ALL_SCOPES.filter((scope) => !scopesOf({ kind: 'support', strength, over: false }).has(scope)).sort(),
      ).toEqual([...NOT_FOR_SUPPORT].sort());
    }
    expect(count({ kind: 'person', role: 'admin', strength: 'link' })).toBe(0);
    expect(count({ kind: 'support', strength: 'link', over: false })).toBe(0);
  });

  it('by a set-up link never takes people in or out by hand, makes keys, or reads the log', () => {
    const most = new Set([...SET_UP_SCOPES.sso, ...SET_UP_SCOPES.directory]);
    for (const scope of [
      'people:write',
      'people:admin',
      'api-keys:write',
      'audit:read',
      'holds:decide',
      'sessions:write',
      'set-up-links:write',
    ] as const)
      expect(most.has(scope)).toBe(false);
  });
});
