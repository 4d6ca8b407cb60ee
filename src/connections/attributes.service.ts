import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditContext } from '../audit/audit.types.js';
import type { AttributeList, Connector } from '../connectors/connector.js';
import { ConnectorError } from '../connectors/errors.js';
import type { Mapping } from '../connectors/kind.js';
import { Database } from '../database/database.service.js';
import type { AttributesView, ListAttributes } from './connections.dto.js';
import { ConnectionsService } from './connections.service.js';
import type { ConnectionSettings } from './connections.types.js';
import { ConnectorsService } from './connectors.service.js';
import { kindOf } from './kinds.js';

/** The longest that the list keeps somebody waiting, milliseconds. */
const WITHIN_MS = 30_000;

type Listed = AttributeList & { missing: string | null };

/** What an admin can choose a mapping from, as the directory tells it. */
@Injectable()
export class AttributesService {
  constructor(
    private readonly database: Database,
    private readonly connections: ConnectionsService,
    private readonly connectors: ConnectorsService,
    private readonly audit: AuditService,
  ) {}

  /**
   * The attributes of the directory, and what the mapping makes of them. Where the directory cannot or may not tell, those
   * that every customer has, and why there are no more: a mapping can always be typed.
   *
   * @param unsaved Settings as they might be; those left out are the stored ones.
   */
  async list(
    organisationId: string,
    connectionId: string,
    unsaved: ListAttributes,
    by: AuditContext,
  ): Promise<AttributesView> {
    const { provider, settings } = await this.database.asOrganisation(
      organisationId,
      async (tx) => ({
        provider: (await this.connections.get(tx, connectionId)).provider,
        settings: await this.connections.settingsWith(tx, connectionId, unsaved),
      }),
      { readOnly: true },
    );
    const listed = await this.ask(organisationId, connectionId, settings).catch((error: unknown) =>
      standard(provider, error),
    );
    await this.database.asOrganisation(organisationId, (tx) =>
      this.audit.record(tx, {
        ...by,
        action: 'connection.attributes_listed',
        subject: { kind: 'connection', id: connectionId },
        outcome: listed.missing === null ? 'done' : 'failed',
      }),
    );
    return viewOf(listed, settings.mapping);
  }

  private async ask(organisationId: string, connectionId: string, settings: ConnectionSettings): Promise<Listed> {
    const connector: Connector = await this.connectors.connectorFor(organisationId, connectionId, settings);
    const signal = AbortSignal.timeout(WITHIN_MS);
    try {
      return { ...(await connector.attributes(signal)), missing: null };
    } catch (error) {
      if (!signal.aborted || error instanceof ConnectorError) throw error;
      const seconds = WITHIN_MS / 1_000;
      throw new ConnectorError('unavailable', `The directory did not list its attributes within ${seconds} seconds.`);
    } finally {
      await connector.close();
    }
  }
}

function standard(provider: string, error: unknown): Listed {
  if (!(error instanceof ConnectorError)) throw error;
  return { items: [...kindOf(provider).standardAttributes], unlisted: [], missing: error.message };
}

function viewOf({ items, unlisted, missing }: Listed, mapping: Mapping): AttributesView {
  const { extras, ...fields } = mapping;
  const mapped = [
    ...Object.entries(fields),
    ...Object.entries(extras).map(([name, path]): [string, string] => [`extras.${name}`, path]),
  ];
  const filledBy = (path: string): string[] => mapped.filter(([, from]) => from === path).map(([field]) => field);
  return {
    items: items.map(({ path, label, type, multiple, custom }) => ({
      path,
      label,
      type,
      multiple,
      custom,
      fills: filledBy(path),
    })),
    unlisted: unlisted.map((path) => ({ path, fills: filledBy(path) })),
    missing,
  };
}
