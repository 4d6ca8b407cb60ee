import { canonicalEmail } from '../../common/email.js';
import type { FaultyRecord, DirectoryRecord } from '../../sync/model.js';
import type {
  AttributeList,
  Capabilities,
  Check,
  Connector,
  Cursor,
  DeltaPage,
  Evidence,
  Page,
  Probe,
  Reading,
} from '../connector.js';
import { ConnectorError } from '../errors.js';
import type { JsonObject } from '../json.js';
import { inTurns } from '../quota.js';
import { usableId } from '../text.js';
import { saysDeleted, type Refusal } from './api-failures.js';
import { checkEverything } from './checks.js';
import { readAttributes } from './custom-attributes.js';
import { readCursor, writeCursor } from './cursor.js';
import { DeletedLookup, deletions } from './deleted-users.js';
import { USERS_PER_PAGE } from './directory-reads.js';
import type { GoogleAccess } from './google-access.js';
import { confirmSubject, domainsIfGranted, firstUsers, requireToken } from './grants.js';
import type { RecordMapping } from './record.js';
import type { ReadScope } from './scope-judge.js';

/** Reads the people of one Google Workspace customer, a page at a time. Knows Google and nothing of our database. */
export class GoogleConnector implements Connector {
  readonly capabilities: Capabilities = { delta: false, pageSize: USERS_PER_PAGE };
  private readonly mapping: RecordMapping;
  private readonly userQuery: { projection: string; customFieldMask?: string; fields: string };
  private readonly turn = inTurns();
  private readonly deleted: DeletedLookup;
  /** Verdicts of the full read under way. */
  private reading: ReadScope | null = null;

  constructor(private readonly access: GoogleAccess) {
    this.mapping = access.records;
    this.userQuery = { ...this.mapping.query, fields: this.mapping.fields };
    this.deleted = new DeletedLookup(access.reads, access.clock);
  }

  get requests(): number {
    return this.access.http.requests;
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const { access } = this;
    await requireToken(access, signal);
    const subject = await confirmSubject(access, signal);
    // A subject may read itself and nobody else; the list tells.
    await firstUsers(access, signal);
    const { objects, missing } = await access.scopeReader.resolve(access.reads, signal);
    if (missing.length > 0) {
      throw new ConnectorError(
        'unauthorized',
        `Not found in Google: ${missing.join(', ')}; choose the groups or units of the scope anew.`,
      );
    }
    const domains = await domainsIfGranted(access, signal);
    const role = subject.isSuperAdmin ? 'super admin' : 'delegated admin';
    return {
      tenant: subject.customerId,
      fingerprint: JSON.stringify({ scopes: [...access.scopes].sort(), role }),
      scopeObjects: objects,
      verifiedDomains: domains ?? [],
    };
  }

  async fetchPage(cursor: Cursor | null, signal: AbortSignal): Promise<Page> {
    const { reads, clock, scopeReader } = this.access;
    const position = cursor === null ? null : readCursor(cursor);
    if (position === null || this.reading === null) this.reading = await scopeReader.forRead(reads, signal);
    const { judge, since: judgedSince, confirm } = this.reading;
    const since = position?.since ?? clock.now();
    const page = await reads.usersInTurn(
      {
        ...this.mapping.query,
        maxResults: USERS_PER_PAGE,
        fields: `nextPageToken,users(${this.mapping.fields})`,
      },
      position?.pageToken ?? null,
      since,
      signal,
    );
    const records = page.items.map((user) => this.mapping.toRecord(user, judge));
    if (page.next === null) {
      await confirm(signal);
      this.reading = null;
    }
    return {
      records,
      // A verdict is as old as what it rests on, so a direct read in between wins over it.
      observedAt: judgedSince !== null && judgedSince < page.observedAt ? judgedSince : page.observedAt,
      nextCursor: page.next === null ? null : writeCursor({ since, pageToken: page.next }),
    };
  }

  async readOne(externalId: string, signal: AbortSignal): Promise<Reading> {
    if (usableId(externalId) === null) {
      return { kind: 'unknown', because: 'This is no id of a Google user.', observedAt: this.access.clock.now() };
    }
    return await this.turn(async () => {
      const answer = await this.access.reads.user(externalId, this.userQuery, signal);
      const { observedAt } = answer;
      if (!answer.ok) {
        return await this.notRead(answer.refusal, observedAt, () => this.deleted.hasId(externalId, signal));
      }
      if (answer.body['id'] !== externalId)
        return { kind: 'unknown', because: 'Google answered with another user than it was asked for.', observedAt };
      return await this.readingOf(answer.body, externalId, observedAt, signal);
    }, signal);
  }

  async readByEmail(email: string, signal: AbortSignal): Promise<Reading> {
    const address = canonicalEmail(email);
    // What is no address is nobody's.
    if (address === null) return { kind: 'missing', positive: false, observedAt: this.access.clock.now() };
    return await this.turn(async () => {
      if (this.mapping.emailPath.startsWith('customSchemas.')) return await this.searchByEmail(address, signal);
      const answer = await this.access.reads.user(address, this.userQuery, signal);
      const { observedAt } = answer;
      if (answer.ok) return await this.ifMapped(answer.body, address, observedAt, signal);
      if (this.mapping.emailPath === 'primaryEmail') {
        return await this.notRead(answer.refusal, observedAt, () => this.deleted.hasEmail(address, signal));
      }
      const because = `Google finds people by primary address, and the mapped address is ${this.mapping.emailPath}.`;
      return { kind: 'unknown', because, observedAt };
    }, signal);
  }

  async *leavers(_since: Date, signal: AbortSignal): AsyncIterable<Evidence[]> {
    yield* deletions(this.access.reads, signal);
  }

  deltaStart(): Promise<Cursor | null> {
    return Promise.resolve(null);
  }

  fetchDelta(): Promise<DeltaPage> {
    return Promise.reject(
      new ConnectorError('cursor_expired', 'Google lists no changes since a time; the directory is read in full.'),
    );
  }

  async attributes(signal: AbortSignal): Promise<AttributeList> {
    return await readAttributes(this.access.reads, this.access.mapping, signal);
  }

  async test(signal: AbortSignal): Promise<Check[]> {
    return await checkEverything(this.access, signal);
  }

  close(): Promise<void> {
    return this.access.close();
  }

  /** Google's search runs up to 36 hours behind; good enough to ask why, and used for nothing else. */
  private async searchByEmail(address: string, signal: AbortSignal): Promise<Reading> {
    const field = this.mapping.emailPath.slice('customSchemas.'.length);
    const { items, observedAt } = await this.access.reads.usersPage(
      {
        ...this.mapping.query,
        maxResults: 10,
        fields: `users(${this.mapping.fields})`,
        query: `${field}='${address.replace(/[\\']/gu, '\\$&')}'`,
      },
      null,
      signal,
    );
    for (const user of items) {
      const reading = await this.ifMapped(user as JsonObject, address, observedAt, signal);
      if (reading.kind === 'found') return reading;
    }
    return {
      kind: 'unknown',
      because: `Google's search finds nobody whose ${this.mapping.emailPath} is this address.`,
      observedAt,
    };
  }

  private async ifMapped(user: JsonObject, address: string, observedAt: Date, signal: AbortSignal): Promise<Reading> {
    const reading = await this.readingOf(user, String(user['id']), observedAt, signal);
    if (reading.kind !== 'found') return reading;
    const mapped = reading.record.email === null ? null : canonicalEmail(reading.record.email);
    if (mapped === address) return reading;
    return {
      kind: 'unknown',
      because: 'The address is an alias of somebody whose own address is another one.',
      observedAt,
    };
  }

  private async readingOf(
    user: JsonObject,
    externalId: string,
    observedAt: Date,
    signal: AbortSignal,
  ): Promise<Reading> {
    const { reads, scopeReader } = this.access;
    const judge = await scopeReader.forOne(reads, externalId, signal);
    const record = this.mapping.toRecord(user, judge);
    return isFaulty(record)
      ? { kind: 'unknown', because: record.fault, observedAt }
      : { kind: 'found', record, observedAt };
  }

  /**
   * Nobody was given to us. Google itself says that they were deleted, by its answer or its list of the deleted; or it
   * knows of nobody; or it does not let us see this one, of which nothing follows.
   */
  private async notRead(refusal: Refusal, observedAt: Date, isDeleted: () => Promise<boolean>): Promise<Reading> {
    if (saysDeleted(refusal) || (await isDeleted())) return { kind: 'missing', positive: true, observedAt };
    if (refusal.status === 404) return { kind: 'missing', positive: false, observedAt };
    return {
      kind: 'unknown',
      because: `Google does not let us read this user (${refusal.status} ${refusal.reason}).`,
      observedAt,
    };
  }
}

function isFaulty(record: DirectoryRecord | FaultyRecord): record is FaultyRecord {
  return 'fault' in record;
}
