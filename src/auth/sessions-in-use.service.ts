import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import { RollcallError } from '../common/errors.js';
import { instant, instantOrNull } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import type { Caller } from './auth.types.js';
import { deviceOf } from './device.js';
import { freshUntil } from './fresh.guard.js';
import { SessionLookup, type LiveSession } from './session-lookup.js';
import type { EndedView, SessionListItem, SessionsList, SessionView } from './sessions.dto.js';
import { SessionsRepository, type SessionRow } from './sessions.repository.js';
import { Sessions } from './sessions.service.js';

/** What people see of sessions, their own and as admins those of others, and how they end them. */
@Injectable()
export class SessionsInUse {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly rows: SessionsRepository,
    private readonly lookup: SessionLookup,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Who has this cookie; a stranger is an answer, not an error. */
  async whoIs(cookie: string | null): Promise<SessionView> {
    const found = cookie === null ? null : await this.lookup.find(cookie);
    return found?.state === 'live' ? this.view(found.session) : { signedIn: false };
  }

  /** Signs out here; a provider knows nothing of it. */
  async signOut(caller: Caller): Promise<void> {
    await this.database.asOrganisation(caller.operator?.organisationId ?? caller.organisationId, async (tx) => {
      await this.sessions.end(tx, { ids: [caller.credentialId] }, 'signed_out');
      const subject = { kind: 'session', id: caller.credentialId };
      await this.audit.record(tx, { ...contextOf(caller), action: 'session.signed_out', subject });
    });
  }

  list(caller: Caller, personId: string): Promise<SessionsList> {
    return this.database.asOrganisation(
      caller.organisationId,
      async (tx) => {
        if (!(await this.rows.isPerson(tx, personId))) throw noSuchPerson();
        const rows = await this.sessions.list(tx, personId);
        return { items: rows.map((row) => toItem(row, caller.credentialId)) };
      },
      { readOnly: true },
    );
  }

  /** Ends one of the caller's own. */
  async endOne(caller: Caller, id: string): Promise<void> {
    await this.database.asOrganisation(caller.organisationId, async (tx) => {
      const ended = await this.sessions.end(tx, { ids: [id], personIds: [personOf(caller)] }, 'ended_by_person');
      if (ended === 0) throw new RollcallError('session.not_found', 'You have no such session, or it has ended.');
      const detail = { because: 'ended_by_person' };
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'session.ended',
        subject: { kind: 'session', id },
        detail,
      });
    });
  }

  /** Ends all of the caller's own but the one that asks. */
  endOthers(caller: Caller): Promise<EndedView> {
    return this.endMany(caller, personOf(caller), [caller.credentialId], 'ended_by_person');
  }

  /** Ends all of somebody, as an admin. */
  endAll(caller: Caller, personId: string): Promise<EndedView> {
    return this.endMany(caller, personId, [], 'ended_by_admin');
  }

  private endMany(
    caller: Caller,
    personId: string,
    except: string[],
    because: 'ended_by_person' | 'ended_by_admin',
  ): Promise<EndedView> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      if (!(await this.rows.isPerson(tx, personId))) throw noSuchPerson();
      const ended = await this.sessions.end(tx, { personIds: [personId], except }, because);
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'session.ended',
        subject: { kind: 'person', id: personId },
        detail: { because, ended },
      });
      return { ended };
    });
  }

  private async view({ organisationId, row, support }: LiveSession): Promise<SessionView> {
    const { organisation, person } = await this.database.asOrganisation(
      organisationId,
      (tx) => this.rows.shown(tx, row.personId),
      { readOnly: true },
    );
    const { kind, strength, authenticatedAt, isOperator } = row;
    const callerKind = kind === 'person' ? 'session' : 'set_up';
    const privileged = isOperator || person?.isAdmin === true;
    return {
      signedIn: true,
      kind,
      organisation,
      person,
      strength,
      operator: isOperator,
      support: support === null || support.over ? null : await this.visited(support),
      setUp: kind === 'set_up' ? { kinds: row.kinds ?? [] } : null,
      freshUntil: instantOrNull(freshUntil({ kind: callerKind, authenticatedAt }, this.config.session.freshMinutes)),
      endsAt: instant(row.endsAt),
      needs: strength === 'link' && privileged ? 'passkey' : null,
    };
  }

  private async visited({
    organisationId,
    id,
  }: {
    organisationId: string;
    id: string;
  }): Promise<{ organisationName: string; reason: string; endsAt: string }> {
    const row = await this.database.asOrganisation(organisationId, (tx) => this.rows.visited(tx, id), {
      readOnly: true,
    });
    return { organisationName: row.organisationName, reason: row.reason, endsAt: instant(row.endsAt) };
  }
}

function toItem(row: SessionRow, current: string): SessionListItem {
  return {
    id: row.id,
    device: deviceOf(row.userAgent),
    address: row.address,
    strength: row.strength,
    createdAt: instant(row.createdAt),
    lastUsedAt: instant(row.lastUsedAt),
    endsAt: instant(row.endsAt),
    current: row.id === current,
  };
}

function personOf(caller: Caller): string {
  if (caller.personId === null) throw new TypeError('a route about oneself was opened to nobody');
  return caller.personId;
}

function noSuchPerson(): RollcallError {
  return new RollcallError('person.not_found', 'There is no such person.');
}
