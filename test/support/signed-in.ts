import { randomBytes } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { SetUpKind, Strength } from '../../src/auth/auth.types.js';
import { cookieName } from '../../src/auth/cookies.js';
import { Sessions } from '../../src/auth/sessions.service.js';
import type { NewSession } from '../../src/auth/sessions.types.js';
import { CLOCK, type Clock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import type { Config } from '../../src/config/config.types.js';
import type { Database } from '../../src/database/database.service.js';
import { OrganisationsService } from '../../src/organisations/organisations.service.js';
import { apiOf, type Api } from './service.js';

export interface SessionOptions {
  /** Whose; the first organisation unless told. */
  organisationId?: string;
  /** Somebody who is here already; otherwise somebody new. */
  personId?: string;
  /** Of somebody new; true unless told. */
  admin?: boolean;
  /** `passkey` unless told. */
  strength?: Strength;
  /** Now unless told. */
  authenticatedAt?: Date;
  userAgent?: string;
}

/** Somebody in a browser of ours: every request carries the cookie, and says that it comes from our own pages. */
export interface TestSession {
  api: Api;
  id: string;
  organisationId: string;
  /** The value of the cookie. */
  cookie: string;
  /** Null for who came by a set-up link. */
  personId: string | null;
}

export interface SigningIn {
  session(options?: SessionOptions): Promise<TestSession & { personId: string }>;
  /** Signed in at the installation's own organisation. */
  operator(
    options?: Pick<SessionOptions, 'admin' | 'strength' | 'authenticatedAt'>,
  ): Promise<TestSession & { personId: string }>;
  /** Somebody without an account who opened a set-up link. */
  setUp(kinds: SetUpKind[], organisationId?: string): Promise<TestSession & { linkId: string }>;
  /** A browser with this cookie. */
  browser(cookie: string): Api;
}

interface Running {
  app: NestExpressApplication;
  url: string;
  database: Database;
  config: Config;
}

export function signingIn({ app, url, database, config }: Running, first: () => string): SigningIn {
  const sessions = app.get(Sessions, { strict: false });
  const clock = app.get<Clock>(CLOCK, { strict: false });
  const site = publicSiteOf(config.server);
  const browser: SigningIn['browser'] = (cookie) => {
    const api = apiOf(url, '');
    const own = {
      cookie: `${cookieName('session', site)}=${cookie}`,
      origin: site.origin,
      'sec-fetch-site': 'same-origin',
    };
    return (method, path, body, options = {}) =>
      api(method, path, body, { key: null, ...options, headers: sent({ ...own, ...options.headers }) });
  };
  const known = (made: NewSession, organisationId: string): Omit<TestSession, 'personId'> => ({
    ...{ api: browser(made.cookie), id: made.id, organisationId, cookie: made.cookie },
  });
  const session: SigningIn['session'] = async ({ organisationId = first(), admin = true, ...options } = {}) => {
    const personId = options.personId ?? (await newPerson(database, organisationId, admin));
    const made = await database.asOrganisation(organisationId, (tx) =>
      sessions.begin(
        tx,
        {
          personId,
          strength: options.strength ?? 'passkey',
          amr: [],
          acr: null,
          authenticatedAt: options.authenticatedAt ?? clock.now(),
          provider: null,
          address: '127.0.0.1',
          userAgent: options.userAgent ?? 'a test',
        },
        null,
      ),
    );
    return { ...known(made, organisationId), personId };
  };
  let installation: Promise<string> | null = null;
  const operator: SigningIn['operator'] = async ({ admin = false, ...options } = {}) => {
    const organisationId = await (installation ??= installationOf(app, database));
    const personId = await newPerson(database, organisationId, admin);
    await database.asWorker((tx) =>
      tx.execute(`INSERT INTO operator (organisation_id, person_id, made_by) VALUES ($1, $2, '{"kind":"system"}')`, [
        organisationId,
        personId,
      ]),
    );
    return session({ organisationId, personId, ...options });
  };
  const setUp: SigningIn['setUp'] = async (kinds, organisationId = first()) => {
    const linkId = newId();
    const now = clock.now();
    const made = await database.asOrganisation(organisationId, async (tx) => {
      await tx.execute(
        `INSERT INTO set_up_link (organisation_id, id, digest, kinds, note, made_by, created_at, expires_at, used_at)
         VALUES ($1, $2, $3, $4, 'a test', '{"kind":"operator"}', $5, $5::timestamptz + interval '7 days', $5)`,
        [organisationId, linkId, randomBytes(32), kinds, now],
      );
      return sessions.beginSetUp(tx, { linkId, kinds, address: '127.0.0.1', userAgent: 'a test' });
    });
    return { ...known(made, organisationId), personId: null, linkId };
  };
  return { session, operator, setUp, browser };
}

/** A header that a test empties is not sent at all. */
function sent(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
}

async function newPerson(database: Database, organisationId: string, admin: boolean): Promise<string> {
  const id = newId();
  const name = `p${randomBytes(6).toString('hex')}`;
  await database.asOrganisation(organisationId, (tx) =>
    tx.execute(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, is_admin)
       VALUES ($1, $2, 'active', 'manual', $3, $3, $4, $5)`,
      [organisationId, id, `${name}@acme.example`, name, admin],
    ),
  );
  return id;
}

/** The installation's own organisation, made when it is not there. */
async function installationOf(app: NestExpressApplication, database: Database): Promise<string> {
  const find = (): Promise<{ id: string } | null> =>
    database.asMigrate((tx) => tx.maybeOne<{ id: string }>('SELECT id FROM organisation WHERE is_installation'));
  const there = await find();
  if (there) return there.id;
  const { id } = await app
    .get(OrganisationsService, { strict: false })
    .create({ slug: `installation-${randomBytes(3).toString('hex')}`, name: 'Installation' });
  await database.asMigrate((tx) => tx.execute('UPDATE organisation SET is_installation = true WHERE id = $1', [id]));
  return id;
}
