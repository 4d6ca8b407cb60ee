import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ALL_SCOPES, type Scope, type SetUpKind } from '../../src/auth/auth.types.js';
import { NOT_FOR_SUPPORT, SET_UP_SCOPES } from '../../src/auth/permissions.js';
import { Sessions } from '../../src/auth/sessions.service.js';
import { newId } from '../../src/common/ids.js';
import { bodyOf } from '../support/example.js';
import { fillPath, operationsOf, type Operation, type Schema } from '../support/operations.js';
import { startService, type Answer, type Api, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(300_000);

const NOBODYS = '01890000-0000-7000-8000-000000000bad';
const ELEVEN_MINUTES = 11 * 60_000;

let service: TestService;
let operations: Operation[];
let schemas: Record<string, Schema>;
const people = { member: '', admin: '', operator: '', visit: '' };
let installation: string;

beforeAll(async () => {
  service = await startService();
  ({ operations, schemas } = operationsOf(service));
  people.member = (await service.session({ admin: false })).personId;
  people.admin = (await service.session()).personId;
  const operator = await service.operator();
  people.operator = operator.personId;
  installation = operator.organisationId;
  people.visit = newId();
});
afterAll(() => service.close());

type Code =
  | 'in'
  | 'request.unauthenticated'
  | 'request.forbidden'
  | 'session.passkey_needed'
  | 'session.reauthentication_needed'
  | 'support.ended'
  | 'request.cross_site';

interface Column {
  /** A new caller each time: some routes end the session that asks. */
  caller: (operation: Operation) => Promise<Api>;
  expected: (operation: Operation) => Code;
}

const REFUSALS = [
  'request.unauthenticated',
  'request.forbidden',
  'session.passkey_needed',
  'session.reauthentication_needed',
  'support.ended',
  'request.cross_site',
];

/** Fresh only for who has a passkey already; their own suite goes through the cases. */
const FRESH_AT_TIMES = ['POST /api/v1/me/passkeys', 'POST /api/v1/me/passkeys/options'];

/** About oneself, and still more than a link by mail opens: no other way to sign in is tied by it, and none is taken away. */
const NOT_BY_LINK = [
  'POST /api/v1/me/identities',
  'DELETE /api/v1/me/identities/{providerId}',
  'DELETE /api/v1/me/passkeys/{id}',
];
const byLink = ({ name }: Operation): Code => (NOT_BY_LINK.includes(name) ? 'session.passkey_needed' : 'in');

/** Inside a support session of an operator, which is open, or over already. */
async function inSupport(over: boolean): Promise<Api> {
  const { database, organisation } = service;
  await database.asOrganisation(organisation.id, (tx) =>
    tx.execute(
      `INSERT INTO support_session (organisation_id, id, operator_id, operator_name, reason, started_at, ends_at, ended_at)
       VALUES ($1, $2, $3, 'Op', 'They asked for help.', now() - interval '1 minute', now() + interval '1 hour', $4)
       ON CONFLICT (organisation_id, id) DO UPDATE SET ended_at = EXCLUDED.ended_at`,
      [organisation.id, people.visit, people.operator, over ? new Date() : null],
    ),
  );
  const { id } = await service.session({ organisationId: installation, personId: people.operator });
  const sessions = service.app.get(Sessions, { strict: false });
  const { cookie } = await database.asOrganisation(installation, (tx) =>
    sessions.enterSupport(tx, id, { organisationId: organisation.id, id: people.visit }),
  );
  return service.browser(cookie);
}

const signedIn = (options: Parameters<TestService['session']>[0]) => async (): Promise<Api> =>
  (await service.session(options)).api;
const setUp = (kinds: SetUpKind[]) => async (): Promise<Api> => (await service.setUp(kinds)).api;

/** Nothing of a page is refused to anybody but what its own service refuses. */
const unlessPublic =
  (rest: (operation: Operation) => Code) =>
  (operation: Operation): Code =>
    operation.public === null ? rest(operation) : 'in';
const forSetUp = (kind: SetUpKind): Column['expected'] =>
  // What is only for what was made with the link is not for this id.
  unlessPublic(({ setUp: open }) => (open === kind ? 'in' : 'request.forbidden'));

const COLUMNS: Record<string, Column> = {
  nobody: {
    caller: () => Promise.resolve(service.browser('')),
    expected: unlessPublic(() => 'request.unauthenticated'),
  },
  'a member': {
    caller: () => signedIn({ personId: people.member })(),
    expected: unlessPublic((of) => (of.signedIn ? 'in' : 'request.forbidden')),
  },
  'an admin': {
    caller: () => signedIn({ personId: people.admin })(),
    expected: unlessPublic((of) => (of.operator === null ? 'in' : 'request.forbidden')),
  },
  'an admin who showed long ago who they are': {
    caller: () => signedIn({ personId: people.admin, authenticatedAt: new Date(Date.now() - ELEVEN_MINUTES) })(),
    expected: unlessPublic((of) =>
      of.operator !== null ? 'request.forbidden' : of.fresh ? 'session.reauthentication_needed' : 'in',
    ),
  },
  'an admin by a link alone': {
    caller: () => signedIn({ personId: people.admin, strength: 'link' })(),
    expected: unlessPublic((of) =>
      of.operator !== null ? 'request.forbidden' : of.signedIn ? byLink(of) : 'session.passkey_needed',
    ),
  },
  'an operator': {
    caller: () => signedIn({ organisationId: installation, personId: people.operator })(),
    expected: unlessPublic((of) => (of.scope === null ? 'in' : 'request.forbidden')),
  },
  'an operator by a link alone': {
    caller: () => signedIn({ organisationId: installation, personId: people.operator, strength: 'link' })(),
    expected: unlessPublic((of) => (of.signedIn ? byLink(of) : 'session.passkey_needed')),
  },
  'an operator in a support session': {
    caller: () => inSupport(false),
    expected: unlessPublic((of) => {
      if (of.scope === null) return of.inSupport ? 'in' : 'request.forbidden';
      return NOT_FOR_SUPPORT.includes(of.scope as Scope) ? 'request.forbidden' : 'in';
    }),
  },
  'an operator whose support session is over': {
    caller: () => inSupport(true),
    expected: unlessPublic((of) => {
      if (of.scope !== null) return 'support.ended';
      return of.inSupport ? 'in' : 'request.forbidden';
    }),
  },
  'who sets up the sign-in': { caller: () => setUp(['sso'])(), expected: forSetUp('sso') },
  'who sets up the directory': { caller: () => setUp(['directory'])(), expected: forSetUp('directory') },
  'a key with every scope': {
    caller: () => Promise.resolve(service.api),
    expected: (of) =>
      // What is for our pages is for them alone.
      of.fromBrowser ? 'request.cross_site' : of.public === null && of.scope === null ? 'request.forbidden' : 'in',
  },
  'a session that is none': {
    caller: () => Promise.resolve(service.browser(`${'A'.repeat(22)}.${'A'.repeat(43)}`)),
    expected: unlessPublic(() => 'request.unauthenticated'),
  },
};

async function ask(operation: Operation, api: Api, key?: string): Promise<Answer<{ code?: string }>> {
  return api<{ code?: string }>(
    operation.method,
    fillPath(operation.path, () => NOBODYS),
    bodyOf(operation, schemas),
    key === undefined ? {} : { key },
  );
}

/** A provider or a directory that cannot be reached from a test is nobody's fault here. */
function failure(status: number, code: string | undefined): string {
  return status === 503 && code === 'sign_in.provider_failed' ? 'in' : `fails: ${status}`;
}

describe('A-06 role × route', () => {
  it.each(Object.entries(COLUMNS))('%s gets in where the table says so, and nowhere else', async (_who, column) => {
    const seen: Record<string, string> = {};
    const expected: Record<string, string> = {};
    for (const operation of operations) {
      const code = column.expected(operation);
      // A stream that is open goes on; what is refused never begins.
      if (operation.stream && code === 'in') continue;
      const { status, body } = await ask(operation, await column.caller(operation));
      const refused = REFUSALS.find((each) => each === body.code);
      const atTimes = refused === 'session.reauthentication_needed' && FRESH_AT_TIMES.includes(operation.name);
      expected[operation.name] = code;
      seen[operation.name] =
        refused !== undefined && !atTimes ? refused : status >= 500 ? failure(status, body.code) : 'in';
    }
    expect(seen).toEqual(expected);
  });

  it('all other scopes together do not open a route to a key, and its own does', async () => {
    const { id } = service.organisation;
    const needed = new Set(operations.flatMap(({ scope }) => (scope === null ? [] : [scope as Scope])));
    for (const scope of needed) {
      const others = await service.newKey(id, { scopes: ALL_SCOPES.filter((each) => each !== scope) });
      const own = await service.newKey(id, { scopes: [scope] });
      for (const operation of operations.filter((each) => each.scope === scope)) {
        const refused = await ask(operation, service.api, others);
        expect([operation.name, refused.status, refused.body.code]).toEqual([operation.name, 403, 'request.forbidden']);
        if (operation.stream) continue;
        const { status, body } = await ask(operation, service.api, own);
        expect([operation.name, status === 401 || body.code === 'request.forbidden']).toEqual([operation.name, false]);
      }
    }
  });

  it('what a set-up link opens needs no more than its kind may have', () => {
    for (const { name, setUp: open, scope } of operations.filter((each) => each.setUp !== null)) {
      const kind = String(open).split(',')[0] as SetUpKind;
      expect([name, SET_UP_SCOPES[kind].includes(scope as Scope)]).toEqual([name, true]);
    }
  });

  it('a wrong header is not made good by a cookie', async () => {
    const { api } = await service.session();
    const answer = await api('GET', '/api/v1/organisation', undefined, {
      headers: { authorization: 'Bearer rc_wrong' },
    });
    expect(answer.status).toBe(401);
  });
});
