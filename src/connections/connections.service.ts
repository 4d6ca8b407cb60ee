import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import type { AuditAction, AuditContext } from '../audit/audit.types.js';
import type { Caller, CallingSetUp } from '../auth/auth.types.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type { ConnectionsList, ConnectionView, CreateConnection, UpdateConnection } from './connections.dto.js';
import { ConnectionsRepository } from './connections.repository.js';
import type { Connection, ConnectionSettings, SettingsChange, Stop } from './connections.types.js';
import { toView } from './connections.view.js';
import { CredentialsStore } from './credentials-store.js';
import { kindOf } from './kinds.js';
import { changeSettings, decidingParts, defaultSettings, faultsOf } from './settings.js';

const A_MINUTE = 60_000;
/** An organisation has a handful; lists are short and not paged. */
const MOST_CONNECTIONS = 100;

/** The connections of an organisation: their settings, credentials, order and switches. Runs are asked for elsewhere. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly database: Database,
    private readonly connections: ConnectionsRepository,
    private readonly credentials: CredentialsStore,
    private readonly audit: AuditService,
    private readonly sessions: Sessions,
    private readonly organisations: OrganisationsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @param caller Whoever came by a set-up link goes on with what they made; nobody at the command line.
   * @throws {RollcallError} `feature.off`, `connection.too_many`
   */
  async create(
    organisationId: string,
    order: CreateConnection,
    by: AuditContext,
    caller: Caller | null = null,
  ): Promise<ConnectionView> {
    const kind = kindOf(order.provider);
    const settings = changeSettings(kind, defaultSettings(kind), order);
    const credentials =
      order.credentials === undefined ? null : await acceptCredentials(order.provider, order.credentials, null);
    const row = { id: newId(), provider: kind.provider, name: order.name, settings, createdAt: this.clock.now() };
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.organisations.requireFeature(tx, 'directory_sync');
      await this.connections.lockRanks(tx);
      const rank = (await this.connections.lowestRank(tx)) + 1;
      if ((await this.connections.list(tx)).length >= MOST_CONNECTIONS) {
        throw new RollcallError('connection.too_many', `An organisation has at most ${MOST_CONNECTIONS} connections.`);
      }
      await this.connections.insert(tx, { ...row, rank });
      if (caller?.setUp) await this.sessions.own(tx, caller.credentialId, row.id);
      await this.record(tx, by, 'connection.created', row.id);
      if (credentials !== null) {
        await this.credentials.store(tx, { ...row, organisationId }, credentials, row.createdAt);
        await this.record(tx, by, 'connection.credentials_set', row.id);
      }
      return this.view(tx, await this.get(tx, row.id));
    });
  }

  /** Whoever came by a set-up link sees what was made with it. */
  list(organisationId: string, setUp: CallingSetUp | null = null): Promise<ConnectionsList> {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const rows = await this.connections.list(tx);
        return { items: await this.views(tx, setUp ? rows.filter(({ id }) => setUp.objects.includes(id)) : rows) };
      },
      { readOnly: true },
    );
  }

  show(organisationId: string, id: string): Promise<ConnectionView> {
    return this.database.asOrganisation(organisationId, async (tx) => this.view(tx, await this.get(tx, id)), {
      readOnly: true,
    });
  }

  /** For the other parts of the house. @throws {RollcallError} `connection.not_found` */
  async get(tx: Tx, id: string): Promise<Connection> {
    return found(await this.connections.find(tx, id));
  }

  all(tx: Tx): Promise<Connection[]> {
    return this.connections.list(tx);
  }

  update(organisationId: string, id: string, change: UpdateConnection, by: AuditContext): Promise<ConnectionView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const before = found(await this.connections.lock(tx, id));
      if (change.version !== undefined && change.version !== before.version) throw changedMeanwhile();
      const settings = changeSettings(kindOf(before.provider), before.settings, change);
      const deciding = decidingParts(before.settings, settings);
      const fields = [
        ...deciding,
        ...(settings.quotaShare === before.settings.quotaShare ? [] : ['quotaShare']),
        ...(JSON.stringify(settings.schedule) === JSON.stringify(before.settings.schedule) ? [] : ['schedule']),
        ...(change.name === undefined || change.name === before.name ? [] : ['name']),
      ];
      if (fields.length === 0) return this.view(tx, before);
      const now = this.clock.now();
      const after = {
        name: change.name ?? before.name,
        settings,
        settingsVersion: before.settingsVersion + (deciding.length > 0 ? 1 : 0),
        nextRunAt: nextRunAt(before, settings, now),
      };
      await this.connections.update(tx, id, after, now);
      await this.record(tx, by, 'connection.updated', id, fields);
      return this.view(tx, await this.get(tx, id));
    });
  }

  /** What the settings would be with a change made, checked and not saved: for a simulation. */
  async settingsWith(tx: Tx, id: string, change: SettingsChange): Promise<ConnectionSettings> {
    const { provider, settings } = await this.get(tx, id);
    return changeSettings(kindOf(provider), settings, change);
  }

  /**
   * Takes credentials in; they are never shown again. Parts that may be left out stay as they are only while the address
   * that they are for stays: a secret goes nowhere that it was not given for.
   */
  async setCredentials(organisationId: string, id: string, given: unknown, by: AuditContext): Promise<ConnectionView> {
    const { before, stored } = await this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const connection = await this.get(tx, id);
        return { before: connection, stored: await this.credentials.open(tx, connection) };
      },
      { readOnly: true },
    );
    // Making a key pair takes a while: not inside a transaction.
    const accepted = await acceptCredentials(before.provider, given, stored);
    return this.database.asOrganisation(organisationId, async (tx) => {
      const now = found(await this.connections.lock(tx, id));
      if (now.version !== before.version) throw changedMeanwhile();
      await this.credentials.store(tx, now, accepted, this.clock.now());
      await this.record(tx, by, 'connection.credentials_set', id);
      return this.view(tx, await this.get(tx, id));
    });
  }

  /** Moves a connection in the order of who decides; those that it passes make one room. All of them are previewed next. */
  move(organisationId: string, id: string, rank: number, by: AuditContext): Promise<ConnectionsList> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.connections.lockRanks(tx);
      const rows = (await this.connections.lockAll(tx)).sort((a, b) => a.rank - b.rank);
      const moved = found(rows.find((row) => row.id === id) ?? null);
      const order = rows.filter((row) => row !== moved);
      order.splice(rank - 1, 0, moved);
      const reordered = (row: Connection): boolean => rows.indexOf(row) !== order.indexOf(row);
      if (rows.some(reordered)) {
        const ranks = order.map((row, index) => ({ id: row.id, rank: index + 1, reordered: reordered(row) }));
        await this.connections.setRanks(tx, ranks, this.clock.now());
        await this.record(tx, by, 'connection.updated', id, ['rank']);
      }
      return { items: await this.views(tx, await this.connections.list(tx)) };
    });
  }

  /** No scheduled runs until it is resumed; what runs now ends by itself. */
  pause(organisationId: string, id: string, by: AuditContext): Promise<ConnectionView> {
    return this.change(organisationId, id, async (tx, before, now) => {
      if (before.state === 'paused') return;
      await this.connections.setState(tx, id, 'paused', { pausedAt: now, nextRunAt: null, now });
      await this.record(tx, by, 'connection.paused', id);
    });
  }

  /** Runs are due at once, if it was ever confirmed. */
  resume(organisationId: string, id: string, by: AuditContext): Promise<ConnectionView> {
    return this.change(organisationId, id, async (tx, before, now) => {
      if (before.state !== 'paused') return;
      const state = before.confirmedVersion === null ? 'setup' : 'active';
      await this.connections.setState(tx, id, state, {
        pausedAt: null,
        nextRunAt: state === 'active' ? now : null,
        now,
      });
      await this.record(tx, by, 'connection.resumed', id);
    });
  }

  /** The stop switch: even what runs now ends at its next batch. */
  stop(organisationId: string, id: string, reason: string, by: AuditContext): Promise<ConnectionView> {
    return this.change(organisationId, id, async (tx, _before, now) => {
      await this.connections.setStop(tx, id, { at: now, reason }, now);
      await this.record(tx, by, 'connection.stopped', id);
    });
  }

  unstop(organisationId: string, id: string, by: AuditContext): Promise<ConnectionView> {
    return this.change(organisationId, id, async (tx, before, now) => {
      if (before.stoppedAt === null) return;
      await this.connections.setStop(tx, id, null, now);
      await this.record(tx, by, 'connection.resumed', id, ['stop']);
    });
  }

  /** What stops its syncs right now, the widest switch first; null: nothing does. Asked before each batch. */
  async stopOf(tx: Tx, id: string): Promise<Stop | null> {
    return (await this.connections.stops(tx, id))[0] ?? null;
  }

  /** Whether anybody is, or was, linked through it: then deleting it has a preview. */
  hasPeople(tx: Tx, id: string): Promise<boolean> {
    return this.connections.hasPeople(tx, id);
  }

  /**
   * The end of a deletion, once its people were seen to: credentials are gone, nothing is due, it is in no list. The row
   * stays as the home of its runs' history.
   */
  async bury(tx: Tx, id: string, by: AuditContext): Promise<void> {
    found(await this.connections.lock(tx, id));
    await this.connections.releaseDomains(tx, id);
    await this.connections.bury(tx, id, this.clock.now());
    await this.record(tx, by, 'connection.deleted', id);
  }

  private change(
    organisationId: string,
    id: string,
    work: (tx: Tx, before: Connection, now: Date) => Promise<void>,
  ): Promise<ConnectionView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      await work(tx, found(await this.connections.lock(tx, id)), this.clock.now());
      return this.view(tx, await this.get(tx, id));
    });
  }

  private record(tx: Tx, by: AuditContext, action: AuditAction, id: string, fields?: string[]): Promise<void> {
    return this.audit.record(tx, { ...by, action, subject: { kind: 'connection', id }, ...(fields ? { fields } : {}) });
  }

  private async view(tx: Tx, row: Connection): Promise<ConnectionView> {
    const [view] = await this.views(tx, [row]);
    if (!view) throw new TypeError('one connection has one view');
    return view;
  }

  private async views(tx: Tx, rows: readonly Connection[]): Promise<ConnectionView[]> {
    const facts = new Map(
      (
        await this.connections.health(
          tx,
          rows.map((row) => row.id),
        )
      ).map((row) => [row.id, row]),
    );
    const now = this.clock.now();
    const views: ConnectionView[] = [];
    for (const row of rows) {
      const stop = (await this.stopOf(tx, row.id)) ?? undefined;
      views.push(toView(row, { facts: facts.get(row.id), stop, now }));
    }
    return views;
  }
}

async function acceptCredentials(provider: string, given: unknown, stored: unknown): Promise<unknown> {
  try {
    return await kindOf(provider).acceptCredentials(given, stored);
  } catch (error) {
    if (error instanceof z.ZodError) throw faultsOf(error, 'credentials');
    throw error;
  }
}

/** A new interval counts from the last run; a longer one never brings a run forward that is due already. */
function nextRunAt(before: Connection, settings: ConnectionSettings, now: Date): Date | null {
  const { nextRunAt: due, lastRunAt } = before;
  if (due === null || settings.schedule.intervalMinutes === before.settings.schedule.intervalMinutes) return due;
  return new Date((lastRunAt ?? now).getTime() + settings.schedule.intervalMinutes * A_MINUTE);
}

function found(row: Connection | null): Connection {
  if (!row) throw new RollcallError('connection.not_found', 'There is no such connection.');
  return row;
}

function changedMeanwhile(): RollcallError {
  return new RollcallError('connection.changed', 'Somebody else changed the connection meanwhile; read it again.');
}
