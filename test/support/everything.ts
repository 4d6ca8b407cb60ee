import { randomBytes } from 'node:crypto';
import { newId } from '../../src/common/ids.js';
import type { Database } from '../../src/database/database.service.js';
import type { Tx } from '../../src/database/tx.js';
import type { TestOrganisation } from './service.js';

/**
 * Ids of one object of every kind, by the part of the path that stands before such an id. A route with an id of another
 * kind fails the suites that go through all routes, until its kind is made here.
 */
export type Everything = Record<string, string>;

/** Gives an organisation one of everything that the API shows. */
export async function makeEverything(database: Database, organisation: TestOrganisation): Promise<Everything> {
  const made = async (path: string, body: unknown): Promise<string> => {
    const answer = await organisation.api<{ id?: string; apiKey?: { id: string } }>('POST', path, body);
    const id = answer.body.id ?? answer.body.apiKey?.id;
    if (answer.status !== 201 || id === undefined) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return id;
  };
  const everything: Everything = {
    organisations: organisation.id,
    'api-keys': await made('/api/v1/api-keys', { name: 'spare', scopes: ['people:read'] }),
    domains: await made('/api/v1/domains', { name: `${randomBytes(6).toString('hex')}.example` }),
    connections: await made('/api/v1/connections', {
      provider: 'okta',
      name: 'Directory',
      credentials: {
        method: 'token',
        orgUrl: 'https://okta.acme.example',
        token: '00abcdefghijklmnopqrstuvwxyz0123456789ABCD',
      },
    }),
  };
  await database.asOrganisation(organisation.id, (tx) => insertRest(tx, organisation.id, everything));
  return everything;
}

/** What comes to be by runs alone, or has its place in another part of the house. */
async function insertRest(tx: Tx, organisationId: string, everything: Everything): Promise<void> {
  const add = async (of: string, table: string, columns: Record<string, unknown>): Promise<string> => {
    const id = newId();
    const row = { organisation_id: organisationId, id, ...columns };
    const names = Object.keys(row);
    await tx.execute(
      `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`,
      Object.values(row),
    );
    everything[of] = id;
    return id;
  };
  const connection = everything['connections'] ?? '';
  const name = `n${randomBytes(4).toString('hex')}`;
  const framework = await add('frameworks', 'framework', { name, folded: name });
  const team = await add('teams', 'team', { framework_id: framework, name, folded: name });
  const position = await add('positions', 'position', { framework_id: framework, name, folded: name, rank: 1 });
  await add('aliases', 'alias', { kind: 'team', name: `${name}a`, folded: `${name}a`, team_id: team });
  const email = `${name}@acme.example`;
  const person = await add('people', 'person', {
    state: 'active',
    origin: 'manual',
    email,
    email_canonical: email,
    sort_name: name,
    team_id: team,
    position_id: position,
  });
  const asked = { connection_id: connection, asked_by: '{"kind":"operator"}', trigger: 'manual' };
  const run = await add('runs', 'run', {
    ...asked,
    kind: 'preview',
    state: 'ready',
    settings_version: 1,
    finished_at: new Date(),
  });
  await tx.execute(
    `INSERT INTO planned_change
       (organisation_id, run_id, seq, kind, disposition, situation, external_id, person_id, label, reason, after)
     VALUES ($1, $2, 1, 'archive', 'hold', 'not_employed', '00u1', $3, $4, '{"code":"suspended","text":"Suspended."}', '{"state":"archived"}'),
            ($1, $2, 2, 'skip', 'skip', 'unknown', '00u2', NULL, 'somebody', '{"code":"unknown","text":"No address."}', NULL)`,
    [organisationId, run, person, name],
  );
  const hold = await add('holds', 'hold', {
    connection_id: connection,
    state: 'open',
    cause: '{"code":"run_limit","text":"More than a run may remove."}',
  });
  await tx.execute(
    `INSERT INTO hold_member (organisation_id, hold_id, external_id, person_id, kind, state, reason, facts_hash, added_version)
     VALUES ($1, $2, '00u1', $3, 'archive', 'waiting', '{"code":"left","text":"Left the directory."}', '\\x00', 1)`,
    [organisationId, hold, person],
  );
  await add('overrides', 'override', {
    person_id: person,
    kind: 'archive',
    cause: 'rejected',
    made_by: '{"kind":"operator"}',
  });
  await add('conflicts', 'conflict', {
    connection_id: connection,
    kind: 'same_address',
    cause: name,
    external_id: '00u1',
    detail: JSON.stringify({ text: 'Two records have one address.', address: email }),
  });
  everything['identities'] = await insertSignIn(tx, add, { person, connection, name });
  // Their paths name the organisation first, then the mail.
  everything['mails'] = organisationId;
  await add('{organisationId}', 'mail', { template: 'address_changed', cause: name, recipient: email, state: 'kept' });
  await insertInviting(tx, add, organisationId, { person, email });
  await add('notices', 'notice', { kind: 'held', cause: name, message: 'Removals wait.' });
}

type Add = (of: string, table: string, columns: Record<string, unknown>) => Promise<string>;

/** An invitation, and a file of people. */
async function insertInviting(
  tx: Tx,
  add: Add,
  organisationId: string,
  { person, email }: { person: string; email: string },
): Promise<void> {
  await add('invitations', 'invitation', {
    person_id: person,
    email_canonical: email,
    is_admin: false,
    invited_by: '{"kind":"system"}',
    inviter_name: 'Grace',
    language: 'en',
  });
  const imported = await add('imports', 'import', {
    state: 'uploaded',
    name: 'people.csv',
    digest: randomBytes(32),
    options: '{}',
    uploaded_by: '{"kind":"operator"}',
    file_until: new Date(Date.now() + 3_600_000),
  });
  await tx.execute('INSERT INTO import_chunk (organisation_id, import_id, number, bytes) VALUES ($1, $2, 0, $3)', [
    organisationId,
    imported,
    Buffer.from('email\n'),
  ]);
  await tx.execute('INSERT INTO mail_settings (organisation_id) VALUES ($1)', [organisationId]);
}

/** What has to do with signing in. */
async function insertSignIn(
  tx: Tx,
  add: Add,
  { person, connection, name }: { person: string; connection: string; name: string },
): Promise<string> {
  const soon = new Date(Date.now() + 3_600_000);
  await add('sessions', 'session', {
    kind: 'person',
    digest: randomBytes(32),
    person_id: person,
    strength: 'passkey',
    authenticated_at: new Date(),
    last_used_at: new Date(),
    ends_at: soon,
    address: '127.0.0.1',
    user_agent: 'a test',
  });
  await add('set-up-links', 'set_up_link', {
    digest: randomBytes(32),
    kinds: ['sso'],
    note: 'For IT.',
    made_by: '{"kind":"operator"}',
    expires_at: soon,
  });
  await add('support-sessions', 'support_session', {
    operator_id: newId(),
    operator_name: 'Op',
    reason: 'They asked for help.',
    ends_at: soon,
  });
  await add('passkeys', 'passkey', {
    person_id: person,
    credential_id: name,
    public_key: randomBytes(32),
    counter: 0,
    transports: ['internal'],
    name: 'Laptop',
    backed_up: false,
  });
  const provider = await add('identity-providers', 'identity_provider', {
    preset: 'generic',
    name,
    issuer: `https://${name}.example`,
    client_id: 'client',
    settings: JSON.stringify({
      clientAuth: 'client_secret_basic',
      algorithms: ['RS256'],
      trustedAudiences: [],
      acrValues: [],
      amrValues: [],
      hostedDomains: [],
      emailVerifiedAsText: false,
      linkByEmail: true,
      justInTime: false,
      maxSessionHours: null,
    }),
    connection_id: connection,
  });
  await add('tests', 'sign_in_attempt', {
    identity_provider_id: provider,
    purpose: 'test',
    state_digest: randomBytes(32),
    browser_digest: randomBytes(32),
    nonce: 'nonce',
    verifier: randomBytes(32),
    issuer: `https://${name}.example`,
    client_id: 'client',
    redirect_uri: 'https://rollcall.example/sign-in/callback',
    return_to: '/',
    expires_at: soon,
  });
  await tx.execute(
    `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, last_used_at)
     VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, 'directory', now())`,
    [provider, name, person],
  );
  return provider;
}
