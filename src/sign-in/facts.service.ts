import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { DomainsService } from '../organisations/domains.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type { DirectorySays } from '../runs/at-sign-in.types.js';
import { IdentityProviders } from '../sso/identity-providers.service.js';
import type { IdentityProvider } from '../sso/identity-providers.types.js';
import { presetOf } from '../sso/presets.js';
import type { AttemptPurpose, InvitationLink, ProvenIdentity } from '../sso/sso.types.js';
import { isOfTheCompany, isStrongEnough } from './account-rules.js';
import type { OwnFacts, SignInFacts } from './decide.types.js';
import { EnteringRepository } from './entering.repository.js';
import { type Account, FactsRepository, type KnownPerson, type Lock } from './facts.repository.js';
import { Invited, type OpenInvitation } from './invited.service.js';
import { refused } from './refusals.js';

/** What a decision rests on, and whom it may be about. */
export interface Gathered<Of> {
  facts: Of;
  provider: IdentityProvider;
  /** By id. */
  people: ReadonlyMap<string, KnownPerson>;
}

interface Case {
  identity: ProvenIdentity;
  purpose: AttemptPurpose;
  /** What the directory said; null: there is none behind this provider. */
  heard: DirectorySays | null;
}

/** A sign-in of somebody who is nobody yet. */
export interface StrangersCase extends Case {
  /** The link of an invitation at which it began. */
  link: InvitationLink | null;
  /** A run was waited for already. */
  waited: boolean;
  /** What stood open before that run. */
  invitedBefore: OpenInvitation | null;
}

/** Puts together what is known of somebody at the door, in the transaction in which it is decided. */
@Injectable()
export class Facts {
  constructor(
    private readonly people: FactsRepository,
    private readonly entering: EnteringRepository,
    private readonly providers: IdentityProviders,
    private readonly organisations: OrganisationsService,
    private readonly domains: DomainsService,
    private readonly invited: Invited,
  ) {}

  async ofStranger(
    tx: Tx,
    arrival: StrangersCase,
  ): Promise<Gathered<SignInFacts> & { invitation: OpenInvitation | null }> {
    const { provider, account, shared } = await this.shared(tx, arrival);
    const { email } = arrival.identity;
    const atInvitation = arrival.link !== null;
    if (atInvitation) await this.entering.hold(tx);
    const linked = await this.people.linked(tx, account, atInvitation ? 'alone' : 'with_others');
    // Whoever is not tied may be changed by this: the organisation comes first, as for everybody who changes people.
    if (linked === null && !atInvitation) await this.entering.hold(tx);
    const owner = await this.ownerOfRecord(tx, account, arrival.heard, linked === null ? 'alone' : 'with_others');
    const candidate = linked !== null || email === null ? null : await this.people.byAddress(tx, account, email);
    const invitation = await this.invitationTo(tx, arrival, { linked, owner, candidate });
    // The run that was waited for may have taken them in; their invitation is closed by it.
    const { invitedBefore } = arrival;
    const takenIn = owner !== null && owner.state === 'active' && owner.id === invitedBefore?.personId;
    const facts = {
      ...shared,
      linked,
      record: recordOf(arrival.heard, owner),
      candidate,
      atInvitation,
      invited: invitation ?? (takenIn ? invitedBefore : null),
      waited: arrival.waited,
    };
    return { facts, provider, people: byId([linked, owner, candidate]), invitation };
  }

  /** Looked for where it began at one, and of whoever has not signed in here before. */
  private async invitationTo(
    tx: Tx,
    { identity, link }: StrangersCase,
    { linked, owner, candidate }: Record<'linked' | 'owner' | 'candidate', KnownPerson | null>,
  ): Promise<OpenInvitation | null> {
    const { email } = identity;
    if (email === null || (link === null && linked?.state === 'active')) return null;
    const candidateId = (linked ?? owner ?? candidate)?.id ?? null;
    if (link === null && candidateId === null) return null;
    return this.invited.door.open(tx, { link, candidateId, address: email });
  }

  /** Null when the person of the session is not here any more. */
  async ofSelf(tx: Tx, arrival: Case, personId: string): Promise<Gathered<OwnFacts> | null> {
    const { provider, account, shared } = await this.shared(tx, arrival);
    const self = await this.people.byId(tx, account, personId);
    if (self === null) return null;
    const linked = await this.people.linked(tx, account, 'with_others');
    const owner = await this.ownerOfRecord(tx, account, arrival.heard, 'with_others');
    const facts = { ...shared, self, linkedTo: linked?.id ?? null, record: recordOf(arrival.heard, owner) };
    return { facts, provider, people: byId([self]) };
  }

  /** The directory was asked before; whose its record is must still be so. @throws {RollcallError} `sign_in.refused` */
  private async ownerOfRecord(
    tx: Tx,
    account: Account,
    heard: DirectorySays | null,
    lock: Lock,
  ): Promise<KnownPerson | null> {
    const id = heard?.record?.personId ?? null;
    if (id === null) return null;
    const owner = await this.people.ofRecord(tx, account, id, lock);
    if (owner === null) throw refused('not_yet');
    return owner;
  }

  private async shared(tx: Tx, { identity, purpose, heard }: Case) {
    const provider = await this.providers.get(tx, identity.providerId);
    const { sso, deleting } = await this.organisations.signInSettings(tx);
    const verified = await this.domains.verified(tx);
    const preset = presetOf(provider);
    const { hostedDomains, acrValues, amrValues, linkByEmail, justInTime } = provider.settings;
    const tenant = preset.tenantOf(provider.issuer);
    const rules = { requires: preset.requires, hostedDomains, tenant, acrValues, amrValues };
    return {
      provider,
      account: { providerId: provider.id, subject: identity.subject, connectionId: provider.connectionId },
      shared: {
        organisation: { sso, deleting },
        provider: {
          // A test is how a provider comes to be enabled.
          active: provider.state === 'active' || (purpose === 'test' && provider.state === 'setup'),
          connection: heard?.connection ?? null,
          mayLinkByEmail: preset.mayLinkByEmail,
          linkByEmail,
          justInTime,
        },
        identity: {
          ofTheCompany: isOfTheCompany(identity, rules, verified),
          strongEnough: isStrongEnough(identity, rules),
          emailVerified: identity.email !== null && identity.emailVerified,
          domainVerified: identity.email !== null && isDomainOf(provider, domainOf(identity.email), verified),
        },
        directory: heard?.says ?? ('not_asked' as const),
      },
    };
  }
}

/** Where a provider is for some domains alone, it says nothing of addresses in the others, though they are the organisation's. */
function isDomainOf({ domains }: IdentityProvider, domain: string, verified: ReadonlySet<string>): boolean {
  return verified.has(domain) && (domains.length === 0 || domains.includes(domain));
}

function recordOf(heard: DirectorySays | null, person: KnownPerson | null): SignInFacts['record'] {
  if (heard === null || heard.record === null) return null;
  const { held, keptIn, keptOut, conflict } = heard.record;
  return { person, held, keptIn, keptOut, conflict };
}

function byId(people: readonly (KnownPerson | null)[]): ReadonlyMap<string, KnownPerson> {
  return new Map(people.flatMap((one) => (one === null ? [] : [[one.id, one]])));
}

/** Of a canonical address, which has exactly one that counts. */
function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1);
}
