import { AuditRepository } from '../../src/audit/audit.repository.js';
import { AuditService } from '../../src/audit/audit.service.js';
import { type Clock, systemClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { type Database, retryOnConflict } from '../../src/database/database.service.js';
import { Secrets } from '../../src/database/secrets.service.js';
import type { Tx } from '../../src/database/tx.js';
import { EventsRepository } from '../../src/events/events.repository.js';
import { EventsService } from '../../src/events/events.service.js';
import { ApplyChange } from '../../src/people/apply-change.js';
import { ApplyManagers } from '../../src/people/apply-managers.js';
import { ApplyRepository } from '../../src/people/apply.repository.js';
import { ManagerChainsRepository } from '../../src/people/manager-chains.repository.js';
import { ManagerNotices } from '../../src/people/manager-notices.js';
import { ManagerNoticesRepository } from '../../src/people/manager-notices.repository.js';
import type { Change, ChangedBy, ChangeResult, PersonFields } from '../../src/people/people.types.js';
import { PeopleWriter } from '../../src/people/people-writer.service.js';
import { emptyFields } from '../../src/sync/fields.js';

/** The writer as the service makes it. */
export function peopleWriter(clock: Clock): PeopleWriter {
  const secrets = new Secrets({ current: { id: 'test', bytes: Buffer.alloc(32, 7) }, previous: [] });
  const audit = new AuditService(new AuditRepository(), secrets);
  const notices = new ManagerNotices(new ManagerNoticesRepository());
  const chains = new ApplyManagers(new ManagerChainsRepository());
  const events = new EventsService(new EventsRepository());
  return new PeopleWriter(new ApplyChange(new ApplyRepository(), audit, events, notices, chains), clock);
}

/** A connection, so that records and runs have something to belong to. */
export async function insertConnection(
  database: Database,
  organisationId: string,
  rank = 1,
  settings: unknown = {},
): Promise<string> {
  const id = newId();
  await database.asOrganisation(organisationId, (tx) =>
    tx.execute(
      `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings)
       VALUES ($1, $2, 'test', $3, $4, 'active', $5::jsonb)`,
      [organisationId, id, `Directory ${rank}`, rank, JSON.stringify(settings)],
    ),
  );
  return id;
}

export function recordOf(
  database: Database,
  organisationId: string,
  connectionId: string,
  over: {
    externalId: string;
    personId?: string | null;
    body?: unknown;
    email?: string | null;
    [column: string]: unknown;
  },
): Promise<number> {
  return database.asOrganisation(organisationId, (tx) =>
    tx.execute(
      `INSERT INTO directory_record (organisation_id, connection_id, external_id, person_id, linked_at, observed_hash, observed_at,
         settled_hash, settled_at, body, email_canonical, employed, in_scope, out_of_scope_because, unmatched_title, unmatched_team,
         awaited_manager)
       VALUES ($1, $2, $3, $4, now(), '\\x01', now(), '\\x01', now(), $5::jsonb, $6, $7, $8, $9, $10, $11, $12)`,
      [
        organisationId,
        connectionId,
        over.externalId,
        over.personId ?? null,
        JSON.stringify(over.body ?? null),
        over.email ?? null,
        over['employed'] ?? true,
        over['inScope'] ?? true,
        over['outOfScopeBecause'] ?? null,
        over['unmatchedTitle'] ?? null,
        over['unmatchedTeam'] ?? null,
        over['awaitedManager'] ?? null,
      ],
    ),
  );
}

export const BY_SYNC: ChangedBy = { origin: 'directory', actor: { kind: 'sync', connectionId: newId() } };
export const BY_ADMIN: ChangedBy = { origin: 'admin', actor: { kind: 'operator' } };

const REASON = { code: 'test', text: 'For a test.' };

export function fieldsOf(name: string, over: Partial<PersonFields> = {}): PersonFields {
  const email = over.email ?? `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
  const [firstName = null, lastName = null] = name.split(' ');
  return { ...emptyFields(), email, emailCanonical: email.toLowerCase(), firstName, lastName, ...over };
}

export function adding(name: string, over: Partial<PersonFields> = {}): Change & { after: PersonFields } {
  const after = fieldsOf(name, over);
  return { id: newId(), kind: 'add', personId: newId(), reason: REASON, before: null, after, expectedVersion: null };
}

export function updating(
  personId: string,
  after: Partial<PersonFields>,
  expectedVersion: number | null = null,
): Change {
  return { id: newId(), kind: 'update', personId, reason: REASON, before: {}, after, expectedVersion };
}

export function archiving(personId: string, archiveReason: Change['archiveReason'] & string = 'directory'): Change {
  const after = { state: 'archived' } as const;
  return {
    id: newId(),
    kind: 'archive',
    personId,
    reason: REASON,
    before: {},
    after,
    archiveReason,
    expectedVersion: null,
  };
}

export function restoring(personId: string, archiveReason: Change['archiveReason'] & string = 'directory'): Change {
  return {
    id: newId(),
    kind: 'restore',
    personId,
    reason: REASON,
    before: {},
    after: {},
    archiveReason,
    expectedVersion: null,
  };
}

export function readdressing(personId: string, email: string): Change {
  return updating(personId, { email, emailCanonical: email.toLowerCase() });
}

export interface StoredPerson {
  id: string;
  state: string;
  email: string;
  emailCanonical: string;
  firstName: string | null;
  isAdmin: boolean;
  managerId: string | null;
  archiveReasons: string[];
  archivedAt: Date | null;
  version: number;
}

/** What tests of the writer say and ask, in one organisation. */
export class PeopleWorld {
  private readonly writer: PeopleWriter;

  constructor(
    readonly database: Database,
    readonly organisationId: string,
    clock: Clock,
  ) {
    this.writer = peopleWriter(clock);
  }

  /** Each in the order of the changes. */
  async apply(changes: readonly Change[], by: ChangedBy = BY_SYNC): Promise<ChangeResult[]> {
    const results = await retryOnConflict(() => this.tx((tx) => this.writer.apply(tx, changes, by)));
    return changes.map((change) => results.get(change.id) as ChangeResult);
  }

  applyIn(tx: Tx, changes: readonly Change[], by: ChangedBy = BY_SYNC): Promise<Map<string, ChangeResult>> {
    return this.writer.apply(tx, changes, by);
  }

  /** Adds people; each must be applied. */
  async add(...names: (string | [string, Partial<PersonFields>])[]): Promise<string[]> {
    const changes = names.map((name) => (typeof name === 'string' ? adding(name) : adding(...name)));
    const results = await this.apply(changes);
    if (results.some((result) => result !== 'applied')) throw new Error(`not all were added: ${results.join(', ')}`);
    return changes.map((change) => change.personId);
  }

  async person(id: string): Promise<StoredPerson> {
    return this.tx((tx) => tx.one<StoredPerson>('SELECT * FROM person WHERE id = $1', [id]));
  }

  query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.tx((tx) => tx.query<Row>(text, values));
  }

  async count(table: 'person' | 'event' | 'audit_entry' | 'person_token' | 'former_address'): Promise<number> {
    const [row] = await this.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`);
    return row?.count ?? 0;
  }

  private tx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.asOrganisation(this.organisationId, work);
  }
}

/** Somebody whom a directory keeps in step: e-mail and first name are its own, the record says suspended. */
export async function linkedPerson(
  database: Database,
  organisationId: string,
): Promise<{ person: string; connection: string }> {
  const settings = { mapping: { email: 'email', firstName: 'firstName', title: null, extras: {} } };
  const connection = await insertConnection(database, organisationId, 1, settings);
  const change = adding('Ana Silva');
  await database.asOrganisation(organisationId, (tx) => peopleWriter(systemClock).apply(tx, [change], BY_SYNC));
  const email = 'ana.silva@example.com';
  const body = { externalId: 'x1', email, firstName: 'Ana', status: 'suspended', scope: { in: true } };
  await recordOf(database, organisationId, connection, { externalId: 'x1', personId: change.personId, body, email });
  return { person: change.personId, connection };
}

/** Everybody in one line each, by what an admin sees of them. */
export const TELLING = `SELECT concat_ws(' ', p.email_canonical, p.state, p.first_name, p.last_name, t.name, o.name, m.email_canonical,
    CASE WHEN p.is_admin THEN 'admin' END, nullif(array_to_string(p.archive_reasons, ','), ''), p.origin) AS told
  FROM person p LEFT JOIN team t ON t.id = p.team_id LEFT JOIN position o ON o.id = p.position_id
  LEFT JOIN person m ON m.id = p.manager_id ORDER BY p.email_canonical, p.id`;
