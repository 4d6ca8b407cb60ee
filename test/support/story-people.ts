import { ConnectionsService } from '../../src/connections/connections.service.js';
import {
  expected,
  makeCompany,
  serveOkta,
  type Company,
  type OktaSimulator,
  type Person,
} from '../simulators/index.ts';
import type { RunRow } from '../../src/runs/runs.types.js';
import { credentialsOf, HOUR, type Story } from './story-world.js';

/** A person as the organisation has them. */
export interface PersonHere {
  id: string;
  email: string;
  state: string;
  firstName: string | null;
  lastName: string | null;
  managerId: string | null;
  teamId: string | null;
  positionId: string | null;
  isAdmin: boolean;
  archiveReasons: string[];
  version: number;
}

const PERSON = `p.id, p.email, p.state, p.first_name, p.last_name, p.manager_id, p.team_id, p.position_id, p.is_admin,
  p.archive_reasons, p.version`;

/** Whom a record of the company is linked to; null when it is nobody's. */
export async function linkedTo(
  story: Story,
  person: Person,
  connectionId = story.connectionId,
): Promise<PersonHere | null> {
  const [row] = await story.rows<PersonHere>(
    `SELECT ${PERSON} FROM directory_record r JOIN person p ON p.organisation_id = r.organisation_id AND p.id = r.person_id
      WHERE r.connection_id = $1 AND r.external_id = $2`,
    [connectionId, story.server.ids.person(person.n)],
  );
  return row ?? null;
}

/** As `linkedTo`, for whom a test cannot go on without. */
export async function here(story: Story, person: Person, connectionId = story.connectionId): Promise<PersonHere> {
  const found = await linkedTo(story, person, connectionId);
  if (found === null) throw new Error(`${person.email} is linked to nobody`);
  return found;
}

export async function byEmail(story: Story, email: string): Promise<PersonHere[]> {
  return story.rows<PersonHere>(`SELECT ${PERSON} FROM person p WHERE p.email_canonical = $1`, [email.toLowerCase()]);
}

/** People of the company who are employed, the admin aside. */
export function some(story: Story, count: number, from = 0): Person[] {
  return story.company.employed().filter((person) => person.n !== 0).slice(from, from + count); // prettier-ignore
}

export async function activeCount(story: Story): Promise<number> {
  const [row] = await story.rows<{ n: number }>("SELECT count(*)::int AS n FROM person WHERE state = 'active'");
  return row?.n ?? 0;
}

export interface HoldHere {
  id: string;
  version: number;
  waiting: number;
  approved: number;
  state: string;
}

export async function openHolds(story: Story): Promise<HoldHere[]> {
  const { body } = await story.organisation.api<{ items: HoldHere[] }>('GET', '/api/v1/holds');
  return body.items;
}

export async function theHold(story: Story): Promise<HoldHere> {
  const [hold] = await openHolds(story);
  if (hold === undefined) throw new Error('there is no hold');
  return hold;
}

export async function decideHold(
  story: Story,
  how: 'approve' | 'reject',
  people: 'all' | string[] = 'all',
): Promise<void> {
  const hold = await theHold(story);
  const answer = await story.organisation.api('POST', `/api/v1/holds/${hold.id}/${how}`, {
    version: hold.version,
    people,
  });
  if (answer.status >= 300) throw new Error(`${how}: ${answer.status} ${answer.text}`);
}

export async function memberStates(story: Story): Promise<Record<string, number>> {
  const rows = await story.rows<{ state: string; n: number }>(
    'SELECT state, count(*)::int AS n FROM hold_member GROUP BY state',
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.n]));
}

export async function openNotices(story: Story): Promise<string[]> {
  const rows = await story.rows<{ kind: string }>('SELECT kind FROM notice WHERE mended_at IS NULL ORDER BY kind');
  return rows.map((row) => row.kind);
}

export async function openConflicts(story: Story): Promise<{ id: string; kind: string }[]> {
  return story.rows<{ id: string; kind: string }>(
    'SELECT id, kind FROM conflict WHERE resolved_at IS NULL ORDER BY kind, cause',
  );
}

/** Asks the API and wants it done. */
export async function ask<Body = Record<string, unknown>>(
  story: Story,
  method: string,
  path: string,
  body?: unknown,
): Promise<Body> {
  const answer = await story.organisation.api<Body>(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** What a plan says of a record. */
export async function lineOf(
  story: Story,
  run: RunRow,
  person: Person,
): Promise<{ kind: string; disposition: string; code: string }[]> {
  return story.rows(
    `SELECT kind, disposition, reason->>'code' AS code FROM planned_change WHERE run_id = $1 AND external_id = $2 ORDER BY seq`,
    [run.id, story.server.ids.person(person.n)],
  );
}

export function employedCount(story: Story): number {
  return expected(story.company, story.scope).length;
}

/** Another directory of the same organisation: the same people at first, who from now on live a life of their own. */
export interface SecondDirectory extends AsyncDisposable {
  company: Company;
  server: OktaSimulator;
  connectionId: string;
  sync(): Promise<RunRow>;
  firstSync(): Promise<RunRow>;
  /** Whom the same person of this company is linked to through it. */
  here(person: Person): Promise<PersonHere>;
}

/** Both are asked at their own address, so this ends what the first one's base URL was. */
export async function secondDirectory(
  story: Story,
  options: { people: number; seed?: number },
): Promise<SecondDirectory> {
  const { world, organisation, runs, caller } = story;
  const company = makeCompany({
    people: options.people,
    seed: options.seed ?? 7,
    clock: world.clock,
    everybodyEmployed: true,
  });
  const server = await serveOkta(company, { organisationId: '00oanother0000000002' });
  const { baseUrl: _base, tokenUrl: _token, ...installation } = world.installation;
  world.installation = installation;
  const { id: connectionId } = await world.service.app.get(ConnectionsService, { strict: false }).create(
    organisation.id,
    { provider: 'okta', name: 'the other one', credentials: credentialsOf(server) },
    { by: { kind: 'operator' } },
  ); // prettier-ignore
  const sync = async (): Promise<RunRow> => story.ended(await runs.resync(caller, connectionId));
  return {
    company,
    server,
    connectionId,
    sync,
    firstSync: async () => {
      const shown = await story.ended(await runs.preview(caller, connectionId));
      if (shown.state !== 'ready') throw new Error(`the preview ended ${shown.state}: ${shown.errorMessage}`);
      return story.ended(await runs.confirm(caller, shown.id, 'all'));
    },
    here: (person) => here(story, person, connectionId),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** As `secondDirectory`, with everybody of it linked. */
export async function secondSynced(story: Story, options: { people: number; seed?: number }): Promise<SecondDirectory> {
  const second = await secondDirectory(story, options);
  await second.firstSync();
  return second;
}

/** A resync an hour later. */
export async function later(story: Story, hours = 1): Promise<RunRow> {
  story.world.clock.advance(hours * HOUR);
  return story.sync();
}

/** The first of a list, for whom a test cannot go on without. */
export function one<T>(list: readonly T[], at = 0): T {
  const found = list[at];
  if (found === undefined) throw new Error('nobody');
  return found;
}
