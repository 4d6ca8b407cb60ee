import { GuardedHttp, OUTBOUND_DEFAULTS } from '../../common/guarded-http.js';
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
import { DIRECTORY_HTTP } from '../exchange.js';
import { exclusions } from '../exclusions.js';
import { arrayOf } from '../json.js';
import type { ConnectorOptions } from '../kind.js';
import { waitByTimer } from '../retry.js';
import { readAttributes, SCHEMA_SCOPES } from './attributes.js';
import { testConnection } from './connection-test.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { Delta } from './delta.js';
import { OktaRefusal } from './failures.js';
import { leaversSince } from './leavers.js';
import { orgOrigin, OrgUrlFault } from './org-url.js';
import { readOrganisation } from './organisation.js';
import { listOfUsers, PAGE, type Part, partsOf } from './scope.js';
import { ScopeObjects } from './scope-objects.js';
import { type OktaCredentials, oktaInstallation, type OktaScope } from './settings.js';
import { SingleReads } from './single-reads.js';
import { OktaTransport, type TransportOptions } from './transport.js';
import { userMapper } from './user.js';

/** The scopes that a service app needs for a scope of ours, and no more. */
export function scopesFor(scope: OktaScope): string[] {
  const scopes = ['okta.logs.read', 'okta.users.read'];
  if (scope.kind === 'application') scopes.push('okta.apps.read');
  if (scope.kind === 'groups') scopes.push('okta.groups.read');
  return scopes.sort();
}

/** Reads the people of one Okta organisation. Knows Okta and nothing of what becomes of them. */
export class OktaConnector implements Connector {
  readonly capabilities: Capabilities;
  private readonly parts: Part[];
  private readonly singles: SingleReads;
  private readonly scopeObjects: ScopeObjects;
  private readonly delta: Delta;
  private requestsForAttributes = 0;

  private constructor(
    private readonly options: ConnectorOptions<OktaScope, OktaCredentials>,
    private readonly origin: string,
    private readonly transport: OktaTransport,
    private readonly transportOptions: TransportOptions,
    private readonly line: GuardedHttp,
  ) {
    const { scope, mapping, clock } = options;
    const now = (): Date => clock.now();
    const notPeople =
      scope.kind === 'groups' ? scope.groupIds : scope.kind === 'application' ? [scope.applicationId] : [];
    const mapUser = userMapper(mapping, exclusions(scope.excluded), new Set(notPeople));
    this.capabilities = { delta: scope.kind !== 'groups', pageSize: PAGE };
    const scopeObjects = new ScopeObjects(transport, scope, now);
    this.scopeObjects = scopeObjects;
    this.parts = partsOf(scope, mapUser, (groupId) => scopeObjects.nameOf(groupId));
    this.singles = new SingleReads(transport, scope, mapping, mapUser, this.scopeObjects, now);
    this.delta = new Delta(transport, scope, origin, now);
  }

  /** @throws {ConnectorError} `unauthorized` when the address or the client id is not what it must be. */
  static async open(options: ConnectorOptions<OktaScope, OktaCredentials>): Promise<OktaConnector> {
    const installation = oktaInstallation(options.installation);
    const { credentials } = options;
    const { insecureLoopback, allowedHosts, baseUrl, tokenUrl } = installation;
    const origin = organisationOf(credentials.orgUrl, insecureLoopback);
    if (credentials.method === 'key' && credentials.clientId === null) {
      throw new ConnectorError(
        'unauthorized',
        'Make the service app in Okta with the key that Rollcall shows, then enter its client id.',
      );
    }
    const line = new GuardedHttp({
      ...OUTBOUND_DEFAULTS,
      insecureLoopback,
      allowedHosts,
    });
    const transportOptions: TransportOptions = {
      origin,
      gateway: baseUrl === undefined ? origin : new URL(baseUrl).origin,
      ...(tokenUrl === undefined ? {} : { tokenUrl }),
      credentials,
      scopes: scopesFor(options.scope),
      quotaShare: options.quotaShare,
      patience: { clock: options.clock, random: options.random, wait: options.wait ?? waitByTimer },
      limits: {
        firstByteMs: installation.firstByteMs,
        pageMs: installation.pageMs,
        bodyBytes: DIRECTORY_HTTP.bodyBytes,
      },
      dispatcher: line.dispatcher,
    };
    const transport = await OktaTransport.open(transportOptions);
    return new OktaConnector(options, origin, transport, transportOptions, line);
  }

  get requests(): number {
    return this.transport.requests + this.requestsForAttributes;
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const organisation = await readOrganisation(this.transport, signal);
    await this.transport.must(listOfUsers(1), signal);
    await this.transport.must({ path: '/api/v1/logs?limit=1', bucket: 'logs', what: 'the System Log' }, signal);
    const scopeObjects = await this.scopeObjects.read(signal);
    const { grantedScopes } = this.transport;
    // Roles can't be read with these scopes; that each kind of read was let through is what shows of them.
    const fingerprint = JSON.stringify({
      by: this.options.credentials.method,
      scopes: grantedScopes,
      reads: ['logs', 'users', ...new Set(scopeObjects.map((object) => object.kind))],
    });
    return { tenant: organisation.id, fingerprint, scopeObjects, verifiedDomains: [] };
  }

  async fetchPage(cursor: Cursor | null, signal: AbortSignal): Promise<Page> {
    const { index, path, resumed } = decodeCursor(cursor, this.parts);
    const part = this.partAt(index);
    let reply;
    try {
      reply = await this.transport.page({ ...part.question, path }, signal);
    } catch (error) {
      if (!(error instanceof OktaRefusal)) throw error;
      if (error.status === 404 || error.status === 403) {
        // What the scope names is looked at directly; that it is gone or hidden is then said of it.
        await this.scopeObjects.read(signal);
        throw part.refused(error);
      }
      if (resumed && (error.status === 400 || error.status === 410)) {
        throw new ConnectorError('cursor_expired', 'Okta does not know the next page any more; the read begins anew.', {
          ...(error.code === null ? {} : { reference: error.code }),
        });
      }
      throw error.toConnectorError(part.question.what);
    }
    const entries = arrayOf(reply.body, `Okta's answer about ${part.question.what}`);
    const records = entries.map((entry) => part.take(entry));
    const following = this.parts[index + 1];
    if (reply.next !== null)
      return { records, observedAt: reply.observedAt, nextCursor: encodeCursor(index, reply.next) };
    const nextCursor = following === undefined ? null : encodeCursor(index + 1, following.question.path);
    return { records, observedAt: reply.observedAt, nextCursor };
  }

  readOne(externalId: string, signal: AbortSignal): Promise<Reading> {
    return this.singles.readOne(externalId, signal);
  }

  readByEmail(email: string, signal: AbortSignal): Promise<Reading> {
    return this.singles.readByEmail(email, signal);
  }

  leavers(since: Date, signal: AbortSignal): AsyncIterable<Evidence[]> {
    return leaversSince(this.transport, since, this.options.clock.now(), signal);
  }

  async deltaStart(now: Date, signal: AbortSignal): Promise<Cursor | null> {
    return this.capabilities.delta ? await this.delta.start(now, signal) : null;
  }

  async fetchDelta(cursor: Cursor, signal: AbortSignal): Promise<DeltaPage> {
    if (!this.capabilities.delta) {
      throw new ConnectorError('cursor_expired', 'Groups of Okta are read whole; a full read follows.');
    }
    return await this.delta.fetch(cursor, signal);
  }

  /** By a token of its own: a scope that is not granted would refuse the sync's token whole. */
  async attributes(signal: AbortSignal): Promise<AttributeList> {
    const transport = await OktaTransport.open({ ...this.transportOptions, scopes: SCHEMA_SCOPES });
    try {
      return await readAttributes(transport, this.options.mapping, signal);
    } finally {
      this.requestsForAttributes += transport.requests;
      transport.close();
    }
  }

  async test(signal: AbortSignal): Promise<Check[]> {
    const { scope, credentials, clock } = this.options;
    return await testConnection(
      {
        transport: this.transport,
        scopeObjects: this.scopeObjects,
        scope,

        credentials,
        clock,
        part: this.partAt(0),
      },
      signal,
    );
  }

  async close(): Promise<void> {
    this.transport.close();
    await this.line.close();
  }

  private partAt(index: number): Part {
    const part = this.parts[index];
    if (part === undefined) throw new RangeError(`a scope has no part number ${index}`);
    return part;
  }
}

function organisationOf(orgUrl: string, insecureLoopback: boolean): string {
  try {
    return orgOrigin(orgUrl, insecureLoopback);
  } catch (error) {
    if (!(error instanceof OrgUrlFault)) throw error;
    throw new ConnectorError('unauthorized', `The address of the Okta organisation cannot be used. ${error.message}`);
  }
}
