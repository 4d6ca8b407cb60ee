import { setTimeout as wait } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { canonicalEmail } from '../common/email.js';
import { messageOf, RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { policyOf, type Connection } from '../connections/connections.types.js';
import { ConnectorsService } from '../connections/connectors.service.js';
import type { Connector, Reading } from '../connectors/connector.js';
import { ConnectorError } from '../connectors/errors.js';
import { Database } from '../database/database.service.js';
import { factsHash, type Observed } from '../sync/overrides.js';
import { standingOf } from '../sync/standing.js';
import { AtSignInRepository, type MirroredAtSignIn } from './at-sign-in.repository.js';
import type { DirectorySays, RecordAtSignIn } from './at-sign-in.types.js';
import { Runner } from './runner.js';
import { RunsService } from './runs.service.js';

/** Changes that take somebody in or back. */
const TAKES_IN: readonly string[] = ['add', 'link', 'relink', 'restore'];

type Word = Pick<DirectorySays, 'says' | 'because'> & {
  /** What was seen, for comparing with what admins ruled out; undefined: nothing was. */
  seen?: Observed;
};

/** One person of a directory who stands at the door: as a connection. */
export interface AtTheDoor {
  organisationId: string;
  connectionId: string;
  externalId: string;
}

/**
 * Reads one person at the moment of signing in, so that it is the directory that lets them in and not what we last heard
 * of it. Nothing is applied here: what differs is left to a run, which plans, guards and holds as any other.
 */
@Injectable()
export class ReadingAtSignIn implements BeforeApplicationShutdown {
  private readonly log = new Logger('sign-in');
  /** By connection: what makes it ready to be asked. */
  private readonly prepared = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly mirror: AtSignInRepository,
    private readonly connections: ConnectionsService,
    private readonly connectors: ConnectorsService,
    private readonly runs: RunsService,
    private readonly runner: Runner,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'signIn'>,
  ) {}

  /**
   * Somebody is on their way to the provider: by the time that they are back, their directory can be asked. The first
   * connector of a kind loads the vendor's library, which takes seconds. Returns at once.
   */
  prepare(organisationId: string, connectionId: string): void {
    if (this.prepared.has(connectionId)) return;
    this.prepared.set(
      connectionId,
      this.connectors
        .connectorFor(organisationId, connectionId)
        .then((connector) => connector.close())
        // Nobody waits for it here: when they are back it is tried in earnest, and told.
        .catch((error: unknown) => this.log.debug({ error: messageOf(error) }, 'a directory could not be prepared')),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.prepared.values());
  }

  /** What the directory says now, or said a moment ago, after `signIn.directoryReadMs` at most. Null: no such connection. */
  async look(who: AtTheDoor): Promise<DirectorySays | null> {
    const known = await this.known(who);
    if (known === null) return null;
    const { connection, ready, record } = known;
    const confirmed = connection.confirmedVersion !== null;
    const word: Word = ready
      ? (this.heardJustNow(record) ?? (await this.ask(who, connection)))
      : { says: 'not_asked', because: null };
    const { says, because } = word;
    return {
      says,
      because,
      connection: { confirmed, ready },
      record: record && (await this.standingOf(who, record, word)),
    };
  }

  /** Asks for a run that reads this one person; somebody looks at it later. */
  async askForRun(who: AtTheDoor): Promise<void> {
    const { organisationId, connectionId, externalId } = who;
    try {
      await this.database.asOrganisation(organisationId, (tx) =>
        this.runs.ask(tx, organisationId, connectionId, {
          kind: 'delta',
          trigger: 'push',
          askedBy: { kind: 'system' },
          subjects: [externalId],
        }),
      );
    } catch (error) {
      // What waits instead reads everybody, or an admin decides about it: either way nobody needs to ask again.
      if (!(error instanceof RollcallError) || error.code !== 'run.other_waiting') throw error;
    }
  }

  /** Has a run read this one person, and waits for it as long as somebody at the door can. It goes on behind them. */
  async settle(who: AtTheDoor, withinMs: number): Promise<void> {
    await this.askForRun(who);
    const over = new AbortController();
    const ran = this.runner
      .runOne(who)
      .catch((error: unknown) => this.log.error({ error: messageOf(error) }, 'a run at a sign-in could not begin'));
    try {
      await Promise.race([ran, wait(withinMs, undefined, { signal: over.signal })]);
    } finally {
      over.abort();
    }
  }

  private known({ organisationId, connectionId, externalId }: AtTheDoor) {
    return this.database.asOrganisation(
      organisationId,
      async (tx) => {
        const connection = (await this.connections.all(tx)).find((one) => one.id === connectionId);
        if (connection === undefined) return null;
        const stop = await this.connections.stopOf(tx, connectionId);
        return {
          connection,
          ready: isReady(connection) && stop === null,
          record: await this.mirror.record(tx, connectionId, externalId),
        };
      },
      { readOnly: true },
    );
  }

  /** A run has read them just now, and found them well. What is less than well is asked for again. */
  private heardJustNow(record: MirroredAtSignIn | null): Word | null {
    if (record === null || record.missing || record.gone || record.fault !== null) return null;
    if (!record.employed || !record.inScope) return null;
    const age = this.clock.now().getTime() - record.observedAt.getTime();
    if (age > this.config.signIn.directoryFreshSeconds * 1000) return null;
    const { body, emailCanonical } = record;
    return { says: 'employed', because: null, seen: { record: body, emailCanonical, scope: { in: true } } };
  }

  private async ask({ organisationId, connectionId, externalId }: AtTheDoor, connection: Connection): Promise<Word> {
    let connector: Connector | null = null;
    let signal: AbortSignal | null = null;
    try {
      connector = await this.connectors.connectorFor(organisationId, connectionId);
      // Time begins once there is a connector: the first one of a kind loads the vendor's library.
      signal = AbortSignal.timeout(this.config.signIn.directoryReadMs);
      return wordOf(await connector.readOne(externalId, signal), externalId, connection);
    } catch (error) {
      return { says: 'unknown', because: signal?.aborted === true ? 'slow' : whyUnknown(error) };
    } finally {
      await connector
        ?.close()
        .catch((error: unknown) => this.log.warn({ error: messageOf(error) }, 'a connector did not close'));
    }
  }

  private async standingOf(who: AtTheDoor, record: MirroredAtSignIn, word: Word): Promise<RecordAtSignIn> {
    const { personId, held, conflict } = record;
    const overrides = await this.database.asOrganisation(
      who.organisationId,
      (tx) => this.mirror.overrides(tx, who.connectionId, who.externalId, personId),
      { readOnly: true },
    );
    const stands = overrides.filter(
      (one) => one.factsHash === null || word.seen === undefined || one.factsHash === factsHash(one.kind, word.seen),
    );
    return {
      personId,
      held,
      conflict,
      keptIn: stands.some(({ kind }) => kind === 'archive'),
      keptOut: stands.some(({ kind }) => TAKES_IN.includes(kind)),
    };
  }
}

/** Whether what a run reads would be applied: then it may also be asked at the door. */
function isReady(connection: Connection): boolean {
  return (
    connection.state === 'active' &&
    connection.attention === null &&
    connection.confirmedVersion === connection.settingsVersion
  );
}

function wordOf(reading: Reading, externalId: string, connection: Connection): Word {
  if (reading.kind === 'unknown') return { says: 'unknown', because: 'not_told' };
  // Not to be found is as good as gone at the door (P3). Nobody is archived for it: that is for the run to judge.
  if (reading.kind === 'missing') return { says: 'gone', because: null, seen: null };
  const { record } = reading;
  if (record.externalId !== externalId) return { says: 'unknown', because: 'other_record' };
  const emailCanonical = record.email === null ? null : canonicalEmail(record.email);
  const seen = { record, emailCanonical, scope: record.scope };
  const standing = standingOf(record.status, policyOf(connection.settings, connection.rank));
  if (standing === 'gone') return { says: 'gone', because: null, seen };
  if (standing !== 'employed') return { says: 'not_employed', because: null, seen };
  return { says: record.scope.in ? 'employed' : 'out_of_scope', because: null, seen };
}

/** @throws what is our own fault. */
function whyUnknown(error: unknown): string {
  if (error instanceof ConnectorError) return error.failure;
  if (error instanceof RollcallError) return error.code;
  throw error;
}
