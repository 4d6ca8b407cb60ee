import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import type { Check, Connector } from '../connectors/connector.js';
import { ConnectorError } from '../connectors/errors.js';
import type { InstallationSettings } from '../connectors/kind.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { DomainsService } from '../organisations/domains.service.js';
import type { SetUpView, TestView } from './connections.dto.js';
import { ConnectionsRepository } from './connections.repository.js';
import type { Connection, ConnectionSettings } from './connections.types.js';
import { CredentialsStore } from './credentials-store.js';
import { kindOf } from './kinds.js';

/** The longest that `Test connection` keeps somebody waiting, milliseconds. */
const TEST_WITHIN_MS = 60_000;

/** Makes connectors out of stored connections: the one place where their credentials are opened. */
@Injectable()
export class ConnectorsService {
  constructor(
    private readonly database: Database,
    private readonly connections: ConnectionsRepository,
    private readonly credentials: CredentialsStore,
    private readonly domains: DomainsService,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The connector of a connection. Whoever asked closes it.
   *
   * @param settings Others than the stored ones: those that a run began with, or that are only simulated.
   * @throws {ConnectorError} `unauthorized` when there are no credentials, or they name a domain that is not proved to be
   *   the organisation's.
   */
  async connectorFor(organisationId: string, connectionId: string, settings?: ConnectionSettings): Promise<Connector> {
    const opened = await this.database.asOrganisation(organisationId, (tx) => this.open(tx, connectionId), {
      readOnly: true,
    });
    const { connection, credentials, unproven } = opened;
    if (credentials === null) throw new ConnectorError('unauthorized', 'The connection has no credentials; set them.');
    if (unproven.length > 0) {
      throw new ConnectorError(
        'unauthorized',
        `The credentials read a directory of ${unproven.join(', ')}, which is not verified for this organisation; ask the operator to verify it.`,
      );
    }
    const { scope, mapping, quotaShare } = settings ?? connection.settings;
    return kindOf(connection.provider).create({
      scope,
      mapping,
      credentials,
      installation: this.installation(connection.provider),
      quotaShare,
      clock: this.clock,
      random: Math.random,
    });
  }

  /** Tries everything that a sync will need and says, line by line, what works and what to mend. */
  async test(organisationId: string, connectionId: string, by: AuditContext): Promise<TestView> {
    const checks = await this.tryOut(organisationId, connectionId);
    const passed = checks.every((check) => check.outcome !== 'failed');
    await this.database.asOrganisation(organisationId, (tx) =>
      this.audit.record(tx, {
        ...by,
        action: 'connection.tested',
        subject: { kind: 'connection', id: connectionId },
        outcome: passed ? 'done' : 'failed',
      }),
    );
    return { passed, checks: checks.map(({ name, outcome, message }) => ({ name, outcome, message })) };
  }

  /** What to do in the directory's own console, with the values to copy. */
  async setUpSteps(organisationId: string, connectionId: string): Promise<SetUpView> {
    const opened = await this.database.asOrganisation(organisationId, (tx) => this.open(tx, connectionId), {
      readOnly: true,
    });
    const { connection, credentials } = opened;
    const installation = this.installation(connection.provider);
    return { items: kindOf(connection.provider).setUpSteps({ credentials, installation }) };
  }

  installation(provider: string): InstallationSettings {
    return { ...this.config.connectors[provider] } as InstallationSettings;
  }

  private async tryOut(organisationId: string, connectionId: string): Promise<Check[]> {
    let connector: Connector;
    try {
      connector = await this.connectorFor(organisationId, connectionId);
    } catch (error) {
      if (error instanceof ConnectorError) return [{ name: 'Credentials', outcome: 'failed', message: error.message }];
      throw error;
    }
    try {
      return await connector.test(AbortSignal.timeout(TEST_WITHIN_MS));
    } finally {
      await connector.close();
    }
  }

  private async open(
    tx: Tx,
    connectionId: string,
  ): Promise<{ connection: Connection; credentials: unknown; unproven: string[] }> {
    const connection = await this.connections.find(tx, connectionId);
    if (!connection) throw new RollcallError('connection.not_found', 'There is no such connection.');
    const credentials = await this.credentials.open(tx, connection);
    if (credentials === null) return { connection, credentials, unproven: [] };
    const proved = await this.domains.verified(tx);
    const unproven = kindOf(connection.provider)
      .domainsToProve(credentials)
      .filter((domain) => !proved.has(domain));
    return { connection, credentials, unproven };
  }
}
