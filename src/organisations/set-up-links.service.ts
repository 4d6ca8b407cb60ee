import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditService } from '../audit/audit.service.js';
import { contextOf, type Actor, type AuditContext } from '../audit/audit.types.js';
import type { Caller, Scope, SetUpKind } from '../auth/auth.types.js';
import { SET_UP_SCOPES } from '../auth/permissions.js';
import { digestOf, makeSecret, organisationOf } from '../auth/secret-text.js';
import { Sessions } from '../auth/sessions.service.js';
import type { NewSession } from '../auth/sessions.types.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { Id, instant, instantOrNull, type PageQuery } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { decodeCursor, toPage } from '../common/paging.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Operators } from './operators.service.js';
import { OrganisationsService } from './organisations.service.js';
import type {
  MakeSetUpLink,
  NewSetUpLinkView,
  SetUpLinksPage,
  SetUpLinkView,
  SetUpOpenedView,
} from './set-up-links.dto.js';
import { SetUpLinksRepository, type SetUpLinkRow } from './set-up-links.repository.js';

const AN_HOUR = 3_600_000;
const LONGEST_ADDRESS = 100;

/** Why a link that is one of ours does not open; for the audit log alone. */
type Dead = 'used' | 'revoked' | 'expired' | 'maker_gone' | 'feature_off' | 'deleting';

/**
 * Links by which the IT of a customer sets things up without an account. What a link may do stands in its row and in no
 * request; it opens once; and it is worth no more than whoever made it.
 */
@Injectable()
export class SetUpLinks {
  constructor(
    private readonly database: Database,
    private readonly links: SetUpLinksRepository,
    private readonly organisations: OrganisationsService,
    private readonly operators: Operators,
    private readonly sessions: Sessions,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'server' | 'signIn'>,
  ) {}

  /**
   * For whoever may do themselves what the link lets others do.
   *
   * @throws {RollcallError} `api_key.exceeds_maker`, and as `make`
   */
  makeAs(caller: Caller, order: MakeSetUpLink): Promise<NewSetUpLinkView> {
    const missing = scopesFor(order.kinds).find((scope) => !caller.scopes.has(scope));
    if (missing !== undefined)
      throw new RollcallError(
        'api_key.exceeds_maker',
        `The link would do more than the key in use, which does not have ${missing} itself.`,
        { scopes: [missing] },
      );
    return this.make(caller.organisationId, order, contextOf(caller));
  }

  /** @throws {RollcallError} `feature.off`, `organisation.deleting`, `organisation.not_found` */
  make(organisationId: string, order: MakeSetUpLink, by: AuditContext): Promise<NewSetUpLinkView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      for (const kind of order.kinds) await this.organisations.requireFeature(tx, featureOf(kind));
      const createdAt = this.clock.now();
      const hours = order.hours ?? this.config.signIn.setUpLinkHours;
      const row: SetUpLinkRow = {
        id: newId(),
        kinds: order.kinds,
        note: order.note,
        madeBy: by.by,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + hours * AN_HOUR),
        usedAt: null,
        revokedAt: null,
      };
      const { text, digest } = makeSecret(organisationId, randomBytes);
      await this.links.insert(tx, row, digest);
      const detail = { kinds: order.kinds.join(' '), hours };
      await this.audit.record(tx, { ...by, action: 'set_up_link.made', subject: subjectOf(row), detail });
      return { link: toView(row), url: `${publicSiteOf(this.config.server).origin}/set-up#${text}` };
    });
  }

  async list(organisationId: string, page: PageQuery): Promise<SetUpLinksPage> {
    const after = decodeCursor(page.cursor, z.tuple([z.iso.datetime({ precision: 3 }), Id]));
    const from = after === null ? null : ([new Date(after[0]), after[1]] as const);
    const rows = await this.database.asOrganisation(organisationId, (tx) => this.links.list(tx, from, page.limit + 1), {
      readOnly: true,
    });
    return toPage(rows, page.limit, toView, (row) => [instant(row.createdAt), row.id]);
  }

  /** The link is dead at once, and so is the session of whoever opened it. Again changes nothing. */
  revoke(organisationId: string, id: string, by: AuditContext): Promise<SetUpLinkView> {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const row = await this.links.lock(tx, id);
      if (!row) throw new RollcallError('set_up_link.not_found', 'There is no such set-up link.');
      if (row.revokedAt !== null) return toView(row);
      const revokedAt = this.clock.now();
      await this.links.revoke(tx, id, revokedAt, by.by);
      await this.sessions.end(tx, { setUpLinkId: id }, 'set_up_done');
      await this.audit.record(tx, { ...by, action: 'set_up_link.revoked', subject: subjectOf(row) });
      return toView({ ...row, revokedAt });
    });
  }

  /**
   * Uses a link up and begins the session that it is for. A stranger is told one thing whatever is wrong with it.
   *
   * @param before The session cookie that the browser came with; it is replaced.
   * @throws {RollcallError} `set_up_link.dead`
   */
  async open(
    token: string,
    visitor: Visitor,
    before: string | null,
  ): Promise<{ opened: SetUpOpenedView; session: NewSession }> {
    const organisationId = organisationOf(token);
    const made = organisationId === null ? null : await this.use(organisationId, digestOf(token), visitor);
    if (made === null) {
      throw new RollcallError('set_up_link.dead', 'This link does not work any more; ask who sent it for a new one.');
    }
    await this.sessions.endPresented(before);
    return made;
  }

  private use(organisationId: string, digest: Buffer, visitor: Visitor) {
    return this.database.asOrganisation(organisationId, async (tx) => {
      const row = await this.links.lockByDigest(tx, digest);
      if (!row || (await this.isOver(tx))) return null;
      const { address, requestId, userAgent } = visitor;
      const context = { requestId, address, subject: subjectOf(row) };
      const now = this.clock.now();
      const dead = await this.whyDead(tx, row, now);
      if (dead !== null || !(await this.links.use(tx, row.id, now, address.slice(0, LONGEST_ADDRESS)))) {
        const detail = { because: dead ?? 'used' };
        await this.audit.record(tx, {
          ...context,
          by: { kind: 'stranger' },
          action: 'set_up_link.refused',
          outcome: 'refused',
          detail,
        });
        return null;
      }
      const session = await this.sessions.beginSetUp(tx, { linkId: row.id, kinds: row.kinds, address, userAgent });
      const by: Actor = { kind: 'set_up_link', id: row.id };
      await this.audit.record(tx, { ...context, by, action: 'set_up_link.used' });
      const { name } = await this.organisations.own(tx);
      return { session, opened: { organisation: name, kinds: row.kinds, endsAt: instant(session.endsAt) } };
    });
  }

  private async whyDead(tx: Tx, row: SetUpLinkRow, now: Date): Promise<Dead | null> {
    if (row.revokedAt !== null) return 'revoked';
    if (row.usedAt !== null) return 'used';
    if (row.expiresAt <= now) return 'expired';
    const { sso, directorySync, deleteAfter } = await this.organisations.features(tx);
    if (deleteAfter !== null) return 'deleting';
    if (row.kinds.some((kind) => !(kind === 'sso' ? sso : directorySync))) return 'feature_off';
    return (await this.isMakerGood(tx, row, now)) ? null : 'maker_gone';
  }

  /** Whether the organisation is about to go this moment: nothing can be noted there any more. */
  private async isOver(tx: Tx): Promise<boolean> {
    const { deleteAfter } = await this.organisations.features(tx);
    return deleteAfter !== null && deleteAfter <= this.clock.now();
  }

  /** Whether whoever made it could make it still. */
  private async isMakerGood(tx: Tx, { madeBy: by, kinds }: SetUpLinkRow, now: Date): Promise<boolean> {
    if (by.kind === 'person') return this.links.isAdmin(tx, by.id);
    if (by.kind === 'key') {
      const admin = by.personId === null || (await this.links.isAdmin(tx, by.personId));
      return admin && this.links.isKeyGood(tx, by.id, ['set-up-links:write', ...scopesFor(kinds)], now);
    }
    if (by.kind !== 'operator') return false;
    // Whoever sits at the command line is in the house itself.
    return by.personId === undefined || this.operators.isOperatorNow(by.personId);
  }
}

function scopesFor(kinds: readonly SetUpKind[]): Scope[] {
  return [...new Set(kinds.flatMap((kind) => SET_UP_SCOPES[kind]))];
}

function featureOf(kind: 'sso' | 'directory'): 'sso' | 'directory_sync' {
  return kind === 'sso' ? 'sso' : 'directory_sync';
}

function subjectOf(row: SetUpLinkRow): { kind: string; id: string } {
  return { kind: 'set_up_link', id: row.id };
}

function toView(row: SetUpLinkRow): SetUpLinkView {
  const { kind } = row.madeBy;
  return {
    id: row.id,
    kinds: row.kinds,
    note: row.note,
    createdAt: instant(row.createdAt),
    expiresAt: instant(row.expiresAt),
    usedAt: instantOrNull(row.usedAt),
    revokedAt: instantOrNull(row.revokedAt),
    by: kind === 'key' || kind === 'person' || kind === 'operator' ? kind : 'system',
  };
}
