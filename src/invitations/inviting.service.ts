import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { assertFresh } from '../auth/fresh.guard.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { line } from '../common/fields.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { ReferenceService } from '../frameworks/reference.service.js';
import { MailSettings } from '../mail/mail-settings.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { localReason } from '../people/local-reasons.js';
import { byCaller } from '../people/people-editing.service.js';
import { PeopleLifecycle } from '../people/people-lifecycle.service.js';
import { PeopleWriter } from '../people/people-writer.service.js';
import { readAddressList, namesOf } from './address-list.js';
import type { CheckedInvitations, CheckInvitations, Invite, InviteItem, InviteResults } from './invitations.dto.js';
import { InvitationsRepository, type NewInvitation } from './invitations.repository.js';
import { inviterOf } from './inviters.js';
import { Judging, SENTENCES, type Judged } from './judging.service.js';
import { InvitationLimits } from './limits.service.js';
import { InvitationLinksRepository } from './links.repository.js';

const MOST_AT_ONCE = 500;
const LONGEST_NAME = 200;

type Result = InviteResults['items'][number];

/** Who can be invited, each with the person that they are by then. */
interface Invitee extends NewInvitation {
  at: number;
  result: 'invited' | 'restored';
}

/** Invites by hand: says first what would become of each, and then does it. */
@Injectable()
export class Inviting {
  constructor(
    private readonly database: Database,
    private readonly judging: Judging,
    private readonly invitations: InvitationsRepository,
    private readonly links: InvitationLinksRepository,
    private readonly limits: InvitationLimits,
    private readonly writer: PeopleWriter,
    private readonly lifecycle: PeopleLifecycle,
    private readonly reference: ReferenceService,
    private readonly organisations: OrganisationsService,
    private readonly settings: MailSettings,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'session'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {RollcallError} `request.invalid` for a list that is too long */
  async check(caller: Caller, { text, items }: CheckInvitations): Promise<CheckedInvitations> {
    const asked = items ?? itemsOf(text ?? '');
    const judged = await this.database.asOrganisation(caller.organisationId, (tx) => this.judging.judge(tx, asked), {
      readOnly: true,
    });
    return {
      items: judged.map((one) => ({ ...named(one), standing: one.standing, sentence: SENTENCES[one.standing] })),
    };
  }

  /**
   * Adds who is new as pending, and makes an invitation for each; the mails follow when it is their turn.
   *
   * @throws {RollcallError} `request.forbidden`, `session.reauthentication_needed` where admins are to be made; `invitation.limit`,
   *   `organisation.deleting`
   */
  async invite(caller: Caller, order: Invite): Promise<InviteResults> {
    if (order.items.some(({ admin }) => admin === true)) this.assertMayMakeAdmins(caller);
    return retryOnConflict(() =>
      this.database.asOrganisation(caller.organisationId, (tx) => this.inviteAll(tx, caller, order)),
    );
  }

  private async inviteAll(tx: Tx, caller: Caller, order: Invite): Promise<InviteResults> {
    await this.organisations.requireStaying(tx);
    if (order.send) await this.links.alone(tx);
    const judged = await this.judging.judge(tx, order.items);
    const results = judged.map(resultOf);
    const fit = await this.fitting(tx, caller, judged, results);
    const invitees = [
      ...(await this.add(tx, caller, fit, results)),
      ...(await this.restore(tx, caller, fit, results)),
      ...thoseWhoAre('pending', fit, 'invited'),
    ];
    const now = this.clock.now();
    if (order.send) await this.limits.assertDay(tx, invitees.length, now);
    const waiting = await this.links.waiting(tx, invitees.map(({ personId }) => personId)); // prettier-ignore
    const outside = invitees.filter(({ personId, result }) => result === 'restored' || waiting.has(personId));
    const made = new Set(await this.make(tx, caller, outside, order));
    for (const { at, id, personId, result } of invitees) {
      const there = results[at];
      if (there === undefined) continue;
      if (!outside.some((one) => one.id === id)) {
        // A directory, or another admin, was faster: whoever is in by that gets no mail.
        results[at] = { ...there, personId, result: 'here', sentence: SENTENCES.here };
        continue;
      }
      if (!made.has(id)) {
        // Somebody else invited them just now.
        results[at] = { ...there, personId, result: 'invited_before', sentence: SENTENCES.invited };
        continue;
      }
      const sentence = order.send
        ? 'Is invited: the mail goes out when it is its turn.'
        : 'Is set up, and not told yet.';
      results[at] = { ...there, personId, invitationId: id, result, sentence };
    }
    return { items: results };
  }

  /** Those that can be invited as they are ordered; what is wrong with the others is said. */
  private async fitting(
    tx: Tx,
    caller: Caller,
    judged: readonly Judged[],
    results: Result[],
  ): Promise<{ at: number; one: Judged }[]> {
    const { teamsById, positionsById } = await this.reference.reference(tx);
    return judged.flatMap((one, at) => {
      const { item, person, standing } = one;
      const wanted =
        standing === 'new' ||
        standing === 'pending' ||
        (standing === 'archived' && item.restore === true) ||
        ((standing === 'declined' || standing === 'refused') &&
          item.again === true &&
          (person?.state !== 'archived' || item.restore === true));
      if (!wanted) return [];
      const fault =
        item.teamId && !teamsById.has(item.teamId)
          ? 'There is no such team.'
          : item.positionId && !positionsById.has(item.positionId)
            ? 'There is no such position.'
            : person !== null && item.admin === true && !person.isAdmin
              ? 'Is here without being an admin: make them one first.'
              : person?.isAdmin === true && !caller.scopes.has('people:admin')
                ? 'Is an admin: whoever invites them needs people:admin.'
                : person?.state === 'archived' && !caller.scopes.has('people:write')
                  ? 'Is archived: whoever brings them back needs people:write.'
                  : null;
      const there = results[at];
      if (fault !== null && there !== undefined) results[at] = { ...there, result: 'invalid', sentence: fault };
      return fault === null ? [{ at, one }] : [];
    });
  }

  private async add(
    tx: Tx,
    caller: Caller,
    fit: readonly { at: number; one: Judged }[],
    results: Result[],
  ): Promise<Invitee[]> {
    const invitees = fit.flatMap(({ at, one: { item, person, emailCanonical } }) =>
      person === null && emailCanonical !== null
        ? [
            {
              at,
              item,
              id: newId(),
              personId: newId(),
              emailCanonical,
              isAdmin: item.admin ?? false,
              result: 'invited' as const,
            },
          ]
        : [],
    );
    if (invitees.length === 0) return [];
    const changes = invitees.map(({ id, personId, item, emailCanonical, isAdmin }) => ({
      id,
      kind: 'add' as const,
      personId,
      reason: localReason('invited_here'),
      before: null,
      after: {
        email: item.email.normalize('NFC').trim(),
        emailCanonical,
        firstName: item.firstName ?? null,
        lastName: item.lastName ?? null,
        teamId: item.teamId ?? null,
        positionId: item.positionId ?? null,
        state: 'pending' as const,
        isAdmin,
        isProtected: false,
      },
      expectedVersion: null,
    }));
    const applied = await this.writer.apply(tx, changes, { ...byCaller(caller), origin: 'manual' });
    return invitees.filter(({ at, id }) => {
      const there = results[at];
      if (applied.get(id) === 'applied') return true;
      if (there !== undefined)
        results[at] = { ...there, result: 'here', sentence: 'Somebody came in with this address just now.' };
      return false;
    });
  }

  private async restore(
    tx: Tx,
    caller: Caller,
    fit: readonly { at: number; one: Judged }[],
    results: Result[],
  ): Promise<Invitee[]> {
    const archived = thoseWhoAre('archived', fit, 'restored');
    if (archived.length === 0) return [];
    const restored = await this.lifecycle.restoreWithin(tx, caller, archived.map(({ personId }) => personId)); // prettier-ignore
    return archived.filter(({ at, personId }) => {
      const there = results[at];
      if (restored.get(personId) === 'done') return true;
      if (there !== undefined) results[at] = { ...there, sentence: 'Could not be brought back: look at the person.' };
      return false;
    });
  }

  private async make(tx: Tx, caller: Caller, invitees: readonly Invitee[], order: Invite): Promise<string[]> {
    if (invitees.length === 0) return [];
    const now = this.clock.now();
    const { actor, personId, keyId } = inviterOf(caller);
    const name = personId === null ? null : await this.invitations.nameOf(tx, personId);
    const made = await this.invitations.insert(tx, invitees, {
      by: actor,
      inviterId: personId,
      inviterKeyId: keyId,
      inviterName: name ?? (await this.organisations.own(tx)).name,
      message: order.message === '' ? null : (order.message ?? null),
      language: order.language ?? (await this.settings.language(tx)),
      importId: null,
      createdAt: now,
      queuedAt: order.send ? now : null,
    });
    await this.audit.recordMany(
      tx,
      contextOf(caller),
      made.map((id) => ({ action: 'invitation.created', subject: { kind: 'invitation', id } }) as const),
    );
    return made;
  }

  private assertMayMakeAdmins(caller: Caller): void {
    if (!caller.scopes.has('people:admin'))
      throw new RollcallError('request.forbidden', 'Whoever invites an admin needs the scope people:admin.', {
        scope: 'people:admin',
      });
    assertFresh(caller, this.clock.now(), this.config.session.freshMinutes);
  }
}

/** @throws {RollcallError} `request.invalid` */
function itemsOf(text: string): InviteItem[] {
  const listed = readAddressList(text);
  if (listed.length > MOST_AT_ONCE)
    throw new RollcallError(
      'request.invalid',
      `At most ${MOST_AT_ONCE} at once, and the list has ${listed.length}: import a file instead.`,
    );
  return listed.map(({ text: email, name }) => {
    const { firstName, lastName } = namesOf(name);
    return { email: email.slice(0, 320), firstName: nameThatFits(firstName), lastName: nameThatFits(lastName) };
  });
}

/** A name that cannot be kept is left out: it was pasted along with what matters. */
function nameThatFits(name: string | null): string | null {
  return line(LONGEST_NAME).safeParse(name).data ?? null;
}

function named({ item, person }: Judged) {
  return {
    email: item.email,
    firstName: item.firstName ?? person?.firstName ?? null,
    lastName: item.lastName ?? person?.lastName ?? null,
    personId: person?.id ?? null,
  };
}

/** What is told of somebody until they are invited. */
function resultOf(one: Judged): Result {
  const { standing } = one;
  const result = standing === 'new' || standing === 'pending' || standing === 'invited' ? 'invited_before' : standing;
  return { ...named(one), invitationId: null, result, sentence: SENTENCES[standing] };
}

function thoseWhoAre(
  state: 'pending' | 'archived',
  fit: readonly { at: number; one: Judged }[],
  result: Invitee['result'],
): Invitee[] {
  return fit.flatMap(({ at, one: { person, emailCanonical } }) =>
    person?.state === state && emailCanonical !== null
      ? [{ at, id: newId(), personId: person.id, emailCanonical, isAdmin: person.isAdmin, result }]
      : [],
  );
}
