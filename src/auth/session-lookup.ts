import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { Database } from '../database/database.service.js';
import { NO_SESSION, type Caller } from './auth.types.js';
import { scopesOf } from './permissions.js';
import { digestOf, organisationOf } from './secret-text.js';
import { SessionsRepository, type FoundSession } from './sessions.repository.js';
import { Sessions } from './sessions.service.js';
import type { SessionEnd } from './sessions.types.js';

const A_MINUTE = 60_000;

/** A session that works, of the organisation that its cookie names. */
export interface LiveSession {
  organisationId: string;
  row: FoundSession;
  /** The operator is in another organisation, or was until that ended. */
  support: { organisationId: string; id: string; over: boolean } | null;
}

/** What a cookie stands for. Ended ones were genuine once: whoever holds one is nobody who guesses. */
export type FoundByCookie = { state: 'live'; session: LiveSession } | { state: 'ended' } | { state: 'unknown' };

/**
 * Who has which session at this moment. Nothing is remembered between requests, so that what ends a session ends it at
 * once, for all instances.
 */
@Injectable()
export class SessionLookup {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionsRepository,
    private readonly limits: Sessions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param use What only looks on is no use of a session, and keeps nobody signed in. */
  async find(cookie: string, use: 'used' | 'watched' = 'used'): Promise<FoundByCookie> {
    const organisationId = organisationOf(cookie);
    if (organisationId === null) return { state: 'unknown' };
    const digest = digestOf(cookie);
    const row = await this.database.asOrganisation(organisationId, (tx) => this.sessions.find(tx, digest), {
      readOnly: true,
    });
    if (!row) return { state: 'unknown' };
    const now = this.clock.now();
    const over = endOf(row, now, this.limits.idleMs(row.kind));
    if (over !== null && row.endedAt === null) await this.mark(organisationId, row.id, over);
    if (over !== null || row.endedAt !== null || row.deleteAfter !== null) return { state: 'ended' };
    if (use === 'used' && now.getTime() - row.lastUsedAt.getTime() >= A_MINUTE)
      await this.database.asOrganisation(organisationId, (tx) => this.sessions.touch(tx, row.id, now));
    return { state: 'live', session: { organisationId, row, support: await this.supportOf(row, now) } };
  }

  private async supportOf(row: FoundSession, now: Date): Promise<LiveSession['support']> {
    const { supportOrganisationId: organisationId, supportSessionId: id, personId } = row;
    if (organisationId === null || id === null || personId === null) return null;
    const open = await this.database.asOrganisation(
      organisationId,
      (tx) => this.sessions.isSupportOpen(tx, id, personId, now),
      { readOnly: true },
    );
    return { organisationId, id, over: !open || !row.isOperator };
  }

  private async mark(organisationId: string, id: string, because: SessionEnd): Promise<void> {
    await this.database.asOrganisation(organisationId, (tx) => this.limits.end(tx, { ids: [id] }, because));
  }
}

/** Why a session that nobody has ended yet is over; null when it is not. */
export function endOf(row: FoundSession, now: Date, idleMs: number): SessionEnd | null {
  if (row.endsAt <= now) return 'absolute';
  if (now.getTime() - row.lastUsedAt.getTime() >= idleMs) return 'idle';
  if (row.kind === 'set_up') return row.revokedAt === null ? null : 'set_up_done';
  return row.state === 'active' ? null : 'archived';
}

/** Whoever has this session, as the caller of a request. */
export function callerOfSession(session: LiveSession, from: { address: string; requestId: string }): Caller {
  const { organisationId, row } = session;
  const caller = {
    ...NO_SESSION,
    ...from,
    organisationId,
    credentialId: row.id,
    personId: null,
    networks: [],
    strength: row.strength,
    authenticatedAt: row.authenticatedAt,
  };
  if (row.kind === 'person') return { ...caller, kind: 'session', ...personOf(session) };
  const kinds = row.kinds ?? [];
  return {
    ...caller,
    kind: 'set_up',
    scopes: scopesOf({ kind: 'set_up', kinds }),
    setUp: { linkId: row.setUpLinkId ?? '', kinds, objects: row.setUpObjects },
  };
}

/** In a support session the person is nobody in the organisation that they visit. */
function personOf({
  organisationId,
  row,
  support,
}: LiveSession): Pick<Caller, 'organisationId' | 'personId' | 'role' | 'scopes' | 'operator'> {
  const { personId, strength, isOperator } = row;
  if (personId === null) throw new TypeError('a session of a person has none');
  if (support !== null) {
    const { id: supportSessionId, over: supportOver } = support;
    return {
      organisationId: support.organisationId,
      personId: null,
      role: null,
      scopes: scopesOf({ kind: 'support', strength, over: supportOver }),
      operator: { personId, organisationId, supportSessionId, supportOver },
    };
  }
  const role = row.isAdmin === true ? 'admin' : 'member';
  return {
    organisationId,
    personId,
    role,
    scopes: scopesOf({ kind: 'person', role, strength }),
    operator: isOperator ? { personId, organisationId, supportSessionId: null, supportOver: false } : null,
  };
}
