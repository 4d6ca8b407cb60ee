import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import type { SealedPlace } from '../common/envelope.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { digestOf, makeSecret, organisationOf } from './secret-text.js';
import type {
  NewSession,
  SessionEnd,
  SessionOrder,
  SessionProvider,
  SessionsWhere,
  SetUpSessionOrder,
  ShownAgain,
} from './sessions.types.js';
import { SessionsRepository, type NewSessionRow, type SessionRow } from './sessions.repository.js';

const A_MINUTE = 60_000;
const AN_HOUR = 3_600_000;
const A_DAY = 24 * AN_HOUR;
/** Whoever sets up looks things up elsewhere in between. */
const SET_UP_IDLE_MINUTES = 60;
/** G-10: an ended session is kept so long, to be looked at. */
const KEPT_DAYS = 30;
const LONGEST_USER_AGENT = 300;
const LONGEST_ADDRESS = 100;

/** Begins, changes and ends sessions. The cookie is shown once; what is stored cannot be used. */
@Injectable()
export class Sessions {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionsRepository,
    private readonly secrets: Secrets,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * For a person of whom it was judged in the same transaction that they may get in.
   *
   * @param replaces Id of the session that the browser had: it ends in the same transaction (O-10).
   */
  async begin(tx: Tx, order: SessionOrder, replaces: string | null): Promise<NewSession> {
    if (replaces !== null) await this.end(tx, { ids: [replaces] }, 'replaced');
    const organisationId = await this.sessions.organisation(tx);
    const id = newId();
    const { provider, strength, amr, acr, authenticatedAt } = order;
    const idToken = await this.sealed(tx, { organisationId, id }, provider);
    const hours = Math.min(this.config.session.absoluteHours, order.longestHours ?? Infinity);
    return this.insert(tx, organisationId, hours, order, {
      id,
      kind: 'person',
      personId: order.personId,
      setUpLinkId: null,
      strength,
      amr,
      acr,
      authenticatedAt,
      idToken,
      identityProviderId: provider?.id ?? null,
      providerSid: provider?.sid ?? null,
      subject: provider?.subject ?? null,
    });
  }

  /** For whoever came by a set-up link, which was used up in the same transaction. */
  async beginSetUp(tx: Tx, order: SetUpSessionOrder): Promise<NewSession> {
    const organisationId = await this.sessions.organisation(tx);
    return this.insert(tx, organisationId, this.config.session.setUpHours, order, {
      id: newId(),
      kind: 'set_up',
      personId: null,
      setUpLinkId: order.linkId,
      strength: 'set_up',
      amr: [],
      acr: null,
      authenticatedAt: this.clock.now(),
      identityProviderId: null,
      providerSid: null,
      subject: null,
      idToken: null,
    });
  }

  /**
   * The same session under a new id, fresh again; its absolute limit stays, or becomes an earlier one (O-75). What was shown
   * at a provider makes it a session of that provider: it ends with what ends those (O-47, O-70).
   *
   * @throws {RollcallError} `session.not_found` when it ended meanwhile.
   */
  async reauthenticated(tx: Tx, sessionId: string, how: ShownAgain): Promise<NewSession> {
    const organisationId = await this.sessions.organisation(tx);
    const { text, digest } = makeSecret(organisationId, randomBytes);
    const { provider = null, longestHours } = how;
    const now = this.clock.now();
    const row = await this.sessions.reauthenticate(tx, {
      ...how,
      id: sessionId,
      digest,
      provider,
      idToken: await this.sealed(tx, { organisationId, id: sessionId }, provider),
      endsBy: longestHours === undefined ? null : new Date(now.getTime() + longestHours * AN_HOUR),
      usedAfter: new Date(now.getTime() - this.idleMs('person')),
      now,
    });
    return renewed(sessionId, text, row);
  }

  /**
   * Takes an operator's session into another organisation, or back with null; it has a new id from then on.
   *
   * @throws {RollcallError} `session.not_found` when it ended meanwhile.
   */
  async enterSupport(
    tx: Tx,
    sessionId: string,
    support: { organisationId: string; id: string } | null,
  ): Promise<NewSession> {
    const { text, digest } = makeSecret(await this.sessions.organisation(tx), randomBytes);
    const row = await this.sessions.support(tx, sessionId, digest, support, this.clock.now());
    return renewed(sessionId, text, row);
  }

  /** What was made with a set-up link may be used further by it. */
  own(tx: Tx, sessionId: string, objectId: string): Promise<void> {
    return this.sessions.own(tx, sessionId, objectId);
  }

  /** @returns How many ended. */
  end(tx: Tx, where: SessionsWhere, because: SessionEnd): Promise<number> {
    if (Object.keys(where).filter((key) => key !== 'except').length === 0)
      throw new TypeError('which sessions are to end must be said');
    return this.sessions.end(tx, where, because, this.clock.now());
  }

  /** Ends the session that a browser came with, of whatever organisation it is, when another one takes its place. */
  async endPresented(cookie: string | null): Promise<void> {
    const organisationId = cookie === null ? null : organisationOf(cookie);
    if (cookie === null || organisationId === null) return;
    await this.database.asOrganisation(organisationId, async (tx) => {
      const found = await this.sessions.find(tx, digestOf(cookie));
      if (found) await this.end(tx, { ids: [found.id] }, 'replaced');
    });
  }

  /** Of one person, those that still work: newest first. */
  list(tx: Tx, personId: string): Promise<SessionRow[]> {
    const now = this.clock.now();
    return this.sessions.list(tx, personId, new Date(now.getTime() - this.idleMs('person')), now);
  }

  /**
   * By which provider a session came to be, to sign out there too. Null for those of none. Without its token where that cannot
   * be read: nobody stays signed in for it.
   */
  async providerOf(
    tx: Tx,
    sessionId: string,
  ): Promise<{ providerId: string; subject: string | null; sid: string | null; idToken: string | null } | null> {
    const row = await this.sessions.provider(tx, sessionId);
    if (!row) return null;
    const organisationId = await this.sessions.organisation(tx);
    const place = placeOf({ organisationId, id: sessionId });
    return { ...row, idToken: row.idToken && (await this.opened(tx, place, row.idToken)) };
  }

  /** For the recurring clean-up. @returns How many were forgotten. */
  forgetOld(organisationId: string, now = this.clock.now()): Promise<number> {
    const before = new Date(now.getTime() - KEPT_DAYS * A_DAY);
    return this.database.asOrganisation(organisationId, (tx) => this.sessions.forgetBefore(tx, before));
  }

  /** Unused for so long, a session is over, milliseconds. */
  idleMs(kind: 'person' | 'set_up'): number {
    return (kind === 'set_up' ? SET_UP_IDLE_MINUTES : this.config.session.idleMinutes) * A_MINUTE;
  }

  private async opened(tx: Tx, place: SealedPlace, sealed: Buffer): Promise<string | null> {
    try {
      return await this.secrets.open(tx, place, sealed);
    } catch (error) {
      if (error instanceof RollcallError && (error.code === 'secret.unreadable' || error.code === 'secret_key.unknown'))
        return null;
      throw error;
    }
  }

  private async sealed(
    tx: Tx,
    session: { organisationId: string; id: string },
    provider: SessionProvider | null,
  ): Promise<Buffer | null> {
    return provider?.idToken ? this.secrets.seal(tx, placeOf(session), provider.idToken) : null;
  }

  private async insert(
    tx: Tx,
    organisationId: string,
    hours: number,
    from: { address: string; userAgent: string },
    row: Omit<NewSessionRow, 'digest' | 'createdAt' | 'endsAt' | 'address' | 'userAgent'>,
  ): Promise<NewSession> {
    const { text, digest } = makeSecret(organisationId, randomBytes);
    const createdAt = this.clock.now();
    const endsAt = new Date(createdAt.getTime() + hours * AN_HOUR);
    const address = from.address.slice(0, LONGEST_ADDRESS);
    const userAgent = from.userAgent.slice(0, LONGEST_USER_AGENT);
    await this.sessions.insert(tx, { ...row, digest, createdAt, endsAt, address, userAgent });
    return { id: row.id, cookie: text, endsAt };
  }
}

function placeOf({ organisationId, id }: { organisationId: string; id: string }): SealedPlace {
  return { table: 'session', column: 'id_token', rowId: id, organisationId };
}

function renewed(id: string, cookie: string, row: { endsAt: Date } | null): NewSession {
  if (!row) throw new RollcallError('session.not_found', 'This session has ended; sign in again.');
  return { id, cookie, endsAt: row.endsAt };
}
