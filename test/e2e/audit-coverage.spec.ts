import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Mails } from '../../src/mail/mails.service.js';
import { entitled } from '../support/entitled.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { exampleOf, queryOf } from '../support/example.js';
import { fillPath, operationsOf } from '../support/operations.js';
import { startService, type Api, type TestOrganisation, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

interface Given {
  service: TestService;
  organisation: TestOrganisation;
  everything: Everything;
  sql: (text: string) => Promise<unknown>;
}

/** What a route needs to change something, besides a body that fits its schema. */
interface Case {
  before?: (given: Given) => Promise<unknown>;
  body?: (everything: Everything, given: Given) => unknown;
  /** Who asks, where it is nobody of the usual callers. */
  as?: (given: Given) => Promise<Api>;
}

/**
 * What asks a provider or an authenticator, or changes nothing yet: its entries are seen where those are. A case here is
 * one that the other suite is to have.
 */
const TOLD_ELSEWHERE: Record<string, string> = {
  'POST /api/v1/domains/{id}/check': 'domain.verified',
  'PUT /api/v1/identity-providers/{id}/secret': 'identity_provider.secret_set',
  'POST /api/v1/identity-providers': 'identity_provider.created',
  'PATCH /api/v1/identity-providers/{id}': 'identity_provider.updated',
  'POST /api/v1/identity-providers/{id}/enable': 'identity_provider.enabled',
  'POST /api/v1/identity-providers/{id}/tests': 'identity_provider.tested',
  'POST /api/v1/me/passkeys': 'passkey.added',
  'PATCH /api/v1/me/passkeys/{id}': 'passkey.renamed',
  'POST /api/v1/session/passkey': 'sign_in.stepped_up',
};
/** Begins what another route ends. */
const BEGINS_ONLY = [
  'POST /api/v1/me/passkeys/options',
  'POST /api/v1/me/identities',
  'POST /api/v1/session/reauthenticate',
];

const okta = {
  method: 'token',
  orgUrl: 'https://okta.acme.example',
  token: '00abcdefghijklmnopqrstuvwxyz0123456789ABCD',
};
const post =
  (path: (everything: Everything) => string, body?: unknown): NonNullable<Case['before']> =>
  async ({ organisation, everything }) => {
    const answer = await organisation.api('POST', path(everything), body);
    if (answer.status >= 300) throw new Error(`${path(everything)}: ${answer.text}`);
  };
const sql =
  (text: string): NonNullable<Case['before']> =>
  (given) =>
    given.sql(text);

/** A mail that waits for an operator, for there is no mail server here. */
const keptMail: NonNullable<Case['before']> = async ({ service: at, organisation, everything, sql: run }) => {
  await at.database.asOrganisation(organisation.id, (tx) =>
    at.app.get(Mails, { strict: false }).enqueue(tx, {
      ...{ template: 'address_changed', cause: 'a test', to: 'somebody@acme.example', personId: null },
      values: { address: 'new@acme.example' },
    }),
  );
  const [mail] = (await run(`UPDATE mail SET state = 'kept' WHERE body IS NOT NULL RETURNING id`)) as { id: string }[];
  everything['{organisationId}'] = mail?.id ?? '';
};

const CASES: Record<string, Case> = {
  'POST /api/v1/conflicts/{id}/resolve': {
    before: ({ everything, sql: run }) =>
      run(`UPDATE conflict SET kind = 'address_taken', person_id = '${everything['people']}'`),
    body: () => ({ as: 'keep_apart' }),
  },
  'POST /api/v1/connections': { body: () => ({ provider: 'okta', name: 'Another' }) },
  'PATCH /api/v1/connections/{id}': { body: () => ({ name: 'Renamed' }) },
  'PUT /api/v1/connections/{id}/credentials': { body: () => ({ credentials: okta }) },
  'POST /api/v1/connections/{id}/move': {
    before: post(() => '/api/v1/connections', { provider: 'okta', name: 'Another' }),
    body: () => ({ rank: 2 }),
  },
  'POST /api/v1/connections/{id}/resume': { before: post((of) => `/api/v1/connections/${of['connections']}/pause`) },
  'POST /api/v1/connections/{id}/unstop': {
    before: post((of) => `/api/v1/connections/${of['connections']}/stop`, { reason: 'x' }),
  },
  'POST /api/v1/domains': { body: () => ({ name: 'new.example' }) },
  'DELETE /api/v1/frameworks/{id}': {
    before: async ({ organisation, everything }) => {
      const { body } = await organisation.api<{ id: string }>('POST', '/api/v1/frameworks', { name: 'Empty' });
      everything['frameworks'] = body.id;
    },
  },
  'POST /api/v1/holds/{id}/approve': { body: () => ({ version: 1, people: 'all' }) },
  'POST /api/v1/holds/{id}/reject': { body: () => ({ version: 1, people: 'all' }) },
  'POST /api/v1/operator/mails/{organisationId}/{id}/content': { before: keptMail },
  'POST /api/v1/operator/mails/{organisationId}/{id}/send-again': { before: keptMail },
  'DELETE /api/v1/operator/operators/{personId}': {
    before: async ({ service: at, everything }) => {
      everything['operators'] = (await at.operator()).personId;
    },
  },
  'POST /api/v1/operator/operators': {
    body: () => ({ email: 'op@acme.example', firstName: 'Op', lastName: 'Erator' }),
  },
  'POST /api/v1/operator/organisations': {
    body: () => ({ name: 'New', slug: 'audited', sso: true, directorySync: true }),
  },
  'PATCH /api/v1/operator/organisations/{id}': { body: () => ({ sso: false }) },
  'POST /api/v1/operator/organisations/{id}/deletion': { body: (_, { organisation }) => ({ slug: organisation.slug }) },
  'DELETE /api/v1/operator/organisations/{id}/deletion': {
    before: sql(`UPDATE organisation SET delete_after = now() + interval '7 days'`),
  },
  'POST /api/v1/people/{id}/erase': {
    before: post((of) => `/api/v1/people/${of['people']}/archive`),
    body: async (of, { organisation }) => {
      const { body } = await organisation.api<{ email: string }>('GET', `/api/v1/people/${of['people']}`);
      return { confirm: body.email };
    },
  },
  'PUT /api/v1/sign-in-settings': { body: (of) => ({ ssoEnforced: false, breakGlass: [of['people']] }) },
  'POST /api/v1/operator/organisations/{id}/domains': {
    body: () => ({ name: 'by-hand.example', reason: 'They have shown a contract.' }),
  },
  'POST /api/v1/operator/organisations/{id}/first-admin': {
    before: sql('UPDATE person SET is_admin = false'),
    body: () => ({ email: 'first@acme.example', firstName: 'First', lastName: 'Admin' }),
  },
  'POST /api/v1/operator/support': {
    body: (of) => ({ organisationId: of['organisations'], reason: 'They asked for help.' }),
  },
  'DELETE /api/v1/operator/support': {
    as: async ({ service: at, everything }) => {
      const { api } = await at.operator();
      const begun = await api('POST', '/api/v1/operator/support', {
        ...{ organisationId: everything['organisations'], reason: 'They asked for help.' },
      });
      const cookie = /rollcall-session=([^;]+)/.exec(begun.headers.getSetCookie().join())?.[1] ?? '';
      return at.browser(cookie);
    },
  },
  'PATCH /api/v1/organisation': { body: () => ({ runsKeptDays: 30 }) },
  'POST /api/v1/organisation/resume': { before: post(() => '/api/v1/organisation/stop', { reason: 'x' }) },
  'POST /api/v1/people/archive': { body: (of) => ({ ids: [of['people']] }) },
  'POST /api/v1/people/restore': {
    before: post((of) => `/api/v1/people/${of['people']}/archive`),
    body: (of) => ({ ids: [of['people']] }),
  },
  'PATCH /api/v1/people/{id}': { body: () => ({ version: 1, firstName: 'New' }) },
  'PUT /api/v1/people/{id}/admin': { body: () => ({ on: true }) },
  'PUT /api/v1/people/{id}/protected': { body: () => ({ on: true }) },
  'POST /api/v1/people/{id}/restore': { before: post((of) => `/api/v1/people/${of['people']}/archive`) },
  'PATCH /api/v1/positions/{id}': { body: () => ({ name: 'Renamed' }) },
  'DELETE /api/v1/positions/{id}': { before: sql('UPDATE person SET position_id = NULL') },
  'POST /api/v1/runs/{id}/cancel': { before: sql(`UPDATE run SET state = 'queued', finished_at = NULL`) },
  'POST /api/v1/runs/{id}/undo': {
    before: async ({ sql: run }) => {
      await run(`UPDATE run SET kind = 'full', state = 'succeeded'`);
      await run(`UPDATE planned_change SET disposition = 'apply', result = 'applied' WHERE person_id IS NOT NULL`);
      await run(
        `INSERT INTO plan_batch (organisation_id, run_id, batch, size, seqs, applied, applied_at)
         SELECT r.organisation_id, r.id, 1, 1, ARRAY(SELECT c.seq FROM planned_change c WHERE c.run_id = r.id AND c.person_id IS NOT NULL),
                1, now() FROM run r`,
      );
    },
  },
  'PATCH /api/v1/teams/{id}': { body: () => ({ name: 'Renamed' }) },
  'DELETE /api/v1/teams/{id}': { before: sql('UPDATE person SET team_id = NULL') },
};

/** What the ids of a field's name are of. */
const PLURALS: Record<string, string> = {
  connection: 'connections',
  framework: 'frameworks',
  manager: 'people',
  people: 'people',
  person: 'people',
  position: 'positions',
  run: 'runs',
  team: 'teams',
};

describe('G-01 the audit log', () => {
  it('has an entry with the request’s id, who, where and what for every route that changes something', async () => {
    const { operations, schemas } = operationsOf(service);
    const names = operations.map(({ name }) => name);
    expect(Object.keys(CASES).filter((name) => !names.includes(name))).toEqual([]);
    const untold: unknown[] = [];
    const elsewhere = [...Object.keys(TOLD_ELSEWHERE), ...BEGINS_ONLY];
    const told = operations.filter(
      (each) => each.method !== 'GET' && each.public === null && !elsewhere.includes(each.name),
    );
    for (const operation of told) {
      const organisation = await service.newOrganisation();
      const everything = await makeEverything(service.database, organisation);
      const run = (text: string, values: unknown[] = []): Promise<object[]> =>
        service.database.asOrganisation(organisation.id, (tx) => tx.query(text, values));
      const one = CASES[operation.name] ?? {};
      const given = { service, organisation, everything, sql: run };
      await one.before?.(given);
      const body = operation.body
        ? ((await one.body?.(everything, given)) ??
          // What a route needs to be somebody's is somebody's here.
          exampleOf(operation.body, schemas, (field, schema) =>
            schema.format === 'uuid' ? everything[PLURALS[field.replace(/Ids?$/, '')] ?? ''] : undefined,
          ))
        : undefined;
      const path = fillPath(operation.path, (of) => everything[of] ?? '') + queryOf(operation, schemas);
      const session = await service.session({ organisationId: organisation.id, personId: everything['people'] ?? '' });
      const usual = operation.signedIn ? session.api : (await entitled(service, organisation))(operation);
      const api = (await one.as?.(given)) ?? usual;
      const answer = await api(operation.method, path, body);
      const actor = operation.signedIn ? 'person' : operation.operator === null ? 'key' : 'operator';
      const entries = await service.database.asMigrate((tx) =>
        tx.query(
          `SELECT action FROM audit_entry
            WHERE request_id = $1 AND address = '127.0.0.1' AND actor->>'kind' = $2 AND subject_id <> '' AND outcome <> ''`,
          [answer.headers.get('x-request-id'), actor],
        ),
      );
      if (answer.status >= 300 || entries.length === 0)
        untold.push([operation.name, answer.status, answer.text.slice(0, 200)]);
    }
    expect(untold).toEqual([]);
  });

  it('has its other entries seen by suites that have a provider, an authenticator or a DNS', () => {
    const suites = readdirSync('test', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.spec.ts') && !name.endsWith('audit-coverage.spec.ts'))
      .map((name) => readFileSync(join('test', name), 'utf8'))
      .join('\n');
    const { operations } = operationsOf(service);
    for (const [name, action] of Object.entries(TOLD_ELSEWHERE))
      expect([name, operations.some((each) => each.name === name), suites.includes(`'${action}'`)]).toEqual([
        name,
        true,
        true,
      ]);
    expect(BEGINS_ONLY.filter((name) => !operations.some((each) => each.name === name))).toEqual([]);
  });
});
