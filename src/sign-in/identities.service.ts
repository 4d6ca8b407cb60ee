import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { deviceOf } from '../auth/device.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { instant } from '../common/fields.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Mails } from '../mail/mails.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { PeopleService } from '../people/people.service.js';
import { IdentityProviders } from '../sso/identity-providers.service.js';
import type { IdentityProvider } from '../sso/identity-providers.types.js';
import type { PersonFacts } from './decide.types.js';
import { conflictCause, FactsRepository } from './facts.repository.js';
import { IdentitiesRepository, type IdentityRow } from './identities.repository.js';
import type { OwnIdentities, PersonIdentities } from './sign-in.dto.js';
import { Starting, type Http } from './starting.service.js';

/** By which accounts at identity providers people sign in: seen, tied from a session, and untied. */
@Injectable()
export class Identities {
  constructor(
    private readonly database: Database,
    private readonly identities: IdentitiesRepository,
    private readonly facts: FactsRepository,
    private readonly providers: IdentityProviders,
    private readonly organisations: OrganisationsService,
    private readonly people: PeopleService,
    private readonly starting: Starting,
    private readonly sessions: Sessions,
    private readonly mails: Mails,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async own(caller: Caller): Promise<OwnIdentities> {
    const [rows, open] = await this.database.asOrganisation(
      caller.organisationId,
      async (tx) => [await this.identities.ofPerson(tx, selfOf(caller)), await this.open(tx)] as const,
      { readOnly: true },
    );
    const tied = new Set(rows.map(({ providerId }) => providerId));
    const openOne = new Map(open.map((provider) => [provider.id, provider]));
    return {
      items: rows.map((row) => {
        const provider = openOne.get(row.providerId);
        return {
          ...shared(row),
          usable: provider !== undefined,
          stepsUp: provider !== undefined && provider.stepsUp !== false,
        };
      }),
      others: open.filter(({ id }) => !tied.has(id)).map(({ id, name }) => ({ id, name })),
    };
  }

  /** @throws {RollcallError} `person.not_found` */
  async ofPerson(caller: Caller, personId: string): Promise<PersonIdentities> {
    const rows = await this.rows(caller, personId);
    return { items: rows.map((row) => ({ ...shared(row), subject: row.subject })) };
  }

  /**
   * Begins a sign-in at the provider whose account is then tied to whoever asks.
   *
   * @throws {RollcallError} `session.passkey_needed` for somebody privileged who came by nothing but a link.
   */
  async tie(caller: Caller, providerId: string, returnTo: string | undefined, http: Http): Promise<{ url: string }> {
    assertMoreThanMail(caller);
    const { organisationId, credentialId: sessionId } = caller;
    const order = { organisationId, providerId, returnTo, loginHint: null, purpose: 'link', sessionId } as const;
    return { url: await this.starting.begin(order, http) };
  }

  /** Of oneself. The sessions by it end, but for the one that asks. */
  async untieOwn(caller: Caller, providerId: string, visitor: Visitor): Promise<void> {
    assertMoreThanMail(caller);
    return this.untie(caller, selfOf(caller), providerId, visitor);
  }

  /**
   * As an admin (O-40): then another account can be tied.
   *
   * @throws {RollcallError} `identity.not_found`, `request.forbidden`
   */
  untie(caller: Caller, personId: string, providerId: string, { userAgent }: Visitor): Promise<void> {
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const rows = await this.identities.ofPerson(tx, personId);
      const row = rows.find((one) => one.providerId === providerId);
      const account = { providerId, subject: row?.subject ?? '', connectionId: null };
      const person = await this.facts.byId(tx, account, personId);
      if (person !== null) assertMayUntie(caller, person);
      if (row === undefined || !(await this.identities.unlink(tx, providerId, personId))) {
        throw new RollcallError('identity.not_found', 'No account at this identity provider is tied to this person.');
      }
      const now = this.clock.now();
      await this.facts.mend(tx, conflictCause(providerId, personId), now);
      const except = personId === caller.personId ? [caller.credentialId] : [];
      await this.sessions.end(tx, { personIds: [personId], identityProviderId: providerId, except }, 'factor_changed');
      const subject = { kind: 'person', id: personId };
      const detail = { provider: providerId };
      await this.audit.record(tx, { ...contextOf(caller), action: 'identity.unlinked', subject, detail });
      if (person?.state !== 'active') return;
      await this.mails.enqueue(tx, {
        template: 'factor_changed',
        cause: `identity_unlinked:${providerId}:${personId}:${now.getTime()}`,
        to: person.emailCanonical,
        personId,
        values: { change: 'identity_unlinked', name: row.providerName, device: deviceOf(userAgent) },
      });
    });
  }

  /** Where one can sign in now. */
  private async open(tx: Tx): Promise<IdentityProvider[]> {
    if (!(await this.organisations.features(tx)).sso) return [];
    return (await this.providers.ofOrganisation(tx)).filter(({ state }) => state === 'active');
  }

  private rows(caller: Caller, personId: string): Promise<IdentityRow[]> {
    return this.database.asOrganisation(
      caller.organisationId,
      async (tx) => {
        await this.people.detail(tx, personId);
        return this.identities.ofPerson(tx, personId);
      },
      { readOnly: true },
    );
  }
}

function shared({
  providerId,
  providerName,
  linkedBy,
  linkedAt,
  lastUsedAt,
}: IdentityRow): Omit<OwnIdentities['items'][number], 'usable' | 'stepsUp'> {
  return { providerId, providerName, linkedBy, linkedAt: instant(linkedAt), lastUsedAt: instant(lastUsedAt) };
}

/** Whoever takes an admin's account away leaves them what is weaker; so it needs what making an admin needs. */
function assertMayUntie(caller: Caller, { id, isAdmin, isOperator, isBreakGlass }: PersonFacts): void {
  if (id === caller.personId || caller.kind === 'command_line' || !(isAdmin || isOperator || isBreakGlass)) return;
  if (isOperator && caller.operator === null)
    throw new RollcallError('request.forbidden', 'Only operators can untie an account of an operator.');
  if (!caller.scopes.has('people:admin'))
    throw new RollcallError(
      'request.forbidden',
      'Only those who may make admins can untie an account of an admin, or of somebody for emergencies.',
      { scope: 'people:admin' },
    );
}

/** Whoever can read an admin's mail must not come to more than that by it (O-42). */
function assertMoreThanMail({ strength, role, operator }: Caller): void {
  if (strength !== 'link' || (role !== 'admin' && operator === null)) return;
  throw new RollcallError(
    'session.passkey_needed',
    'A link is not enough for this: add a passkey, or sign in with one.',
  );
}

function selfOf(caller: Caller): string {
  if (caller.personId === null) throw new TypeError('only somebody who is signed in has an own self');
  return caller.personId;
}
