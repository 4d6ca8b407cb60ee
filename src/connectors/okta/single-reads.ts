import type { Reading } from '../connector.js';
import type { FaultyRecord, DirectoryRecord, ScopeVerdict } from '../../sync/model.js';
import { ConnectorError } from '../errors.js';
import { arrayOf, isObject, type JsonObject } from '../json.js';
import type { Mapping } from '../kind.js';
import { EXCLUDED } from '../exclusions.js';
import { inTurns } from '../quota.js';
import { nameOr, usableId } from '../text.js';
import { OktaRefusal } from './failures.js';
import { assigned, foundInGroup } from './scope.js';
import type { ScopeObjects } from './scope-objects.js';
import type { OktaScope } from './settings.js';
import type { OktaTransport, Question, Reply } from './transport.js';
import type { UserMapper } from './user.js';

const IN: ScopeVerdict = { in: true };

/** Pages of one person's groups, at most: nobody is in more than 200,000 of them. */
const GROUP_PAGES = 1_000;

/** Reads one person directly, with the scope's verdict. At most four such reads are under way at once. */
export class SingleReads {
  private readonly turn = inTurns();

  constructor(
    private readonly transport: OktaTransport,
    private readonly scope: OktaScope,
    private readonly mapping: Mapping,
    private readonly mapUser: UserMapper,
    private readonly scopeObjects: ScopeObjects,
    private readonly now: () => Date,
  ) {}

  readOne(externalId: string, signal: AbortSignal): Promise<Reading> {
    return this.turn(() => this.read(externalId, signal), signal);
  }

  /**
   * Searches ignoring case, and reads whom it finds directly, since the search lags. A newcomer whom it does not know
   * yet is found by the exact filter, where there is one for the attribute.
   */
  readByEmail(email: string, signal: AbortSignal): Promise<Reading> {
    return this.turn(async () => {
      const quoted = `${this.mapping.email} eq "${email.replace(/[\\"]/g, '\\$&')}"`;
      const filterable = ['profile.email', 'profile.login'].includes(this.mapping.email);
      let observedAt = this.now();
      for (const by of filterable ? ['search', 'filter'] : ['search']) {
        const query = new URLSearchParams({ [by]: quoted, limit: '2', fields: 'id,status' });
        const found = await this.maybe(
          { path: `/api/v1/users?${query.toString()}`, bucket: 'users', what: 'a user by address' },
          signal,
        );
        if (found === null) continue;
        observedAt = found.observedAt;
        const ids = arrayOf(found.body, 'The result of a search of Okta').map((user) =>
          isObject(user) ? usableId(user['id']) : null,
        );
        if (ids.length > 1)
          return { kind: 'unknown', because: 'Several people of Okta have this address.', observedAt };
        const id = ids[0];
        if (id !== undefined && id !== null) return await this.read(id, signal);
      }
      return { kind: 'missing', positive: false, observedAt };
    }, signal);
  }

  private async read(externalId: string, signal: AbortSignal): Promise<Reading> {
    if (usableId(externalId) === null) {
      return { kind: 'unknown', because: 'This is not an id of Okta.', observedAt: this.now() };
    }
    try {
      return this.scope.kind === 'application'
        ? await this.readAssigned(externalId, this.scope.applicationId, signal)
        : await this.readUser(externalId, signal);
    } catch (error) {
      // Refused for one person is no verdict on the connection, nor on the person.
      if (!(error instanceof OktaRefusal)) throw error;
      return {
        kind: 'unknown',
        because: `Okta refused to show this person (${error.code ?? error.status}).`,
        observedAt: this.now(),
      };
    }
  }

  /** One request for who is assigned, two for who is not. */
  private async readAssigned(externalId: string, applicationId: string, signal: AbortSignal): Promise<Reading> {
    const question: Question = {
      path: `/api/v1/apps/${applicationId}/users/${externalId}?expand=user`,
      bucket: 'app',
      what: 'an assignment',
    };
    const reply = await this.maybe(question, signal);
    if (reply !== null) {
      const record = assigned(reply.body, applicationId, this.mapUser);
      return record.externalId === externalId
        ? reading(record, reply.observedAt)
        : { kind: 'unknown', because: 'Okta answered about somebody else.', observedAt: reply.observedAt };
    }
    return await this.readUser(externalId, signal, await this.scopeObjects.notWithin(signal));
  }

  private async readUser(externalId: string, signal: AbortSignal, verdict: ScopeVerdict = IN): Promise<Reading> {
    const reply = await this.maybe({ path: `/api/v1/users/${externalId}`, bucket: 'user', what: 'a user' }, signal);
    // Nothing says that it was deleted: a role with a resource set is answered the same.
    if (reply === null) return { kind: 'missing', positive: false, observedAt: this.now() };
    const record = this.mapUser(reply.body, verdict);
    if (record.externalId !== externalId) {
      return { kind: 'unknown', because: 'Okta answered about somebody else.', observedAt: reply.observedAt };
    }
    if ('fault' in record) return reading(record, reply.observedAt);
    // Okta takes groups and assignments away from who is deprovisioned: that is not out of scope, it is gone.
    if (record.status === 'deprovisioned' && record.scope !== EXCLUDED) {
      return reading({ ...record, scope: IN }, reply.observedAt);
    }
    if (this.scope.kind !== 'groups' || !record.scope.in) return reading(record, reply.observedAt);
    const group = await this.groupOf(externalId, this.scope.groupIds, signal);
    return reading(
      group === null
        ? { ...record, scope: await this.scopeObjects.notWithin(signal) }
        : foundInGroup({ ...record, scope: IN }, group),
      reply.observedAt,
    );
  }

  /** The name of the first group of the scope that somebody is in. */
  private async groupOf(externalId: string, groupIds: readonly string[], signal: AbortSignal): Promise<string | null> {
    let path: string | null = `/api/v1/users/${externalId}/groups?limit=${PAGE_OF_GROUPS}`;
    for (let page = 0; path !== null; page += 1) {
      if (page === GROUP_PAGES)
        throw new ConnectorError('bad_response', "Okta's list of one person's groups did not end.");
      const reply: Reply = await this.transport.get({ path, bucket: 'user', what: "a person's groups" }, signal);
      const groups = arrayOf(reply.body, "Okta's list of a person's groups");
      const found = groups.find((group) => isObject(group) && groupIds.some((id) => id === group['id']));
      if (isObject(found)) return nameOfGroup(found);
      path = reply.next;
    }
    return null;
  }

  /** Null for a 404. */
  private async maybe(question: Question, signal: AbortSignal): Promise<Reply | null> {
    try {
      return await this.transport.get(question, signal);
    } catch (error) {
      if (error instanceof OktaRefusal && error.status === 404) return null;
      throw error;
    }
  }
}

const PAGE_OF_GROUPS = 200;

function nameOfGroup(group: JsonObject): string {
  const { id, profile } = group;
  return nameOr(isObject(profile) ? profile['name'] : undefined, String(id));
}

function reading(record: DirectoryRecord | FaultyRecord, observedAt: Date): Reading {
  return 'fault' in record
    ? { kind: 'unknown', because: record.fault, observedAt }
    : { kind: 'found', record, observedAt };
}
