import type { LetIn, OwnFacts, PersonFacts, RecordFacts, SignInDecision, SignInFacts } from './decide.types.js';
import type { Refusal } from './refusals.js';

/**
 * Who gets in by a provider: the table of docs/sign-in.md, line by line, and the first that fits decides. Pure: the same
 * facts give the same decision. Nothing is read of what a token claims about roles or groups (line 22).
 */
export function decide(facts: SignInFacts): SignInDecision {
  const closed = atTheDoor(facts);
  if (closed !== null) return closed;
  const { linked, record } = facts;
  if (isAnothersInvitation(facts)) return refuse('not_invited', { personId: ownerOf(facts)?.id ?? null });
  if (linked !== null) return ofLinked(facts, linked);
  const word = wordOfDirectory(facts, record?.person ?? null);
  if (word !== null) return word;
  if (record?.person) return ofRecord(facts, record.person, record);
  const newcomer = ofNewcomer(facts);
  return newcomer ?? byAddress(facts);
}

/** Lines 1, 2 and 24: before it is even looked who it is. */
function atTheDoor({ organisation, provider, identity }: Pick<SignInFacts, 'organisation' | 'provider' | 'identity'>) {
  if (!organisation.sso || organisation.deleting || !provider.active) return refuse('closed');
  if (!identity.ofTheCompany) return refuse('other_account');
  return identity.strongEnough ? null : refuse('too_weak');
}

/** Lines 3 to 10: whose subject is known. No other look-up runs (O-38). */
function ofLinked(facts: SignInFacts, person: PersonFacts): SignInDecision {
  if (person.erased) return refuse('unknown');
  return wordOfDirectory(facts, person) ?? byState(facts, person, { do: 'enter', personId: person.id });
}

/** Lines 4 to 6, and 3b: what the directory says now goes before what we have heard of it so far, unless an admin said otherwise. */
function wordOfDirectory(facts: Pick<SignInFacts, 'directory' | 'record'>, person: PersonFacts | null) {
  const { directory, record } = facts;
  if (record?.keptIn === true && person?.state === 'active') return null;
  // Of somebody whom neither side knows it is not said that they have left.
  const known = person !== null || record !== null;
  const personId = person?.id ?? null;
  if (directory === 'gone') return refuse(known ? 'left' : 'unknown', { personId, askRun: known });
  if (directory === 'not_employed') return refuse('suspended', { personId, askRun: known });
  return directory === 'out_of_scope' ? refuse('out_of_scope', { personId, askRun: known }) : null;
}

/** Lines 3, 7, 8, 9, and 26. */
function byState(facts: SignInFacts, person: PersonFacts, active: LetIn): SignInDecision {
  if (person.erased) return refuse('unknown');
  if (person.state === 'active') return mayAccept(facts, person) ? { ...active, accepts: true } : active;
  if (person.state === 'pending') return ofPending(facts, person, active);
  return mayReturn(facts, person) ? { do: 'wait_for_run' } : refuse('archived', { personId: person.id });
}

/** Line 25: it began at a link that is over, or was sent to somebody else; their own account lets nobody in by it either. */
function isAnothersInvitation(facts: SignInFacts): boolean {
  const { atInvitation, invited } = facts;
  const owner = ownerOf(facts);
  return atInvitation && (invited === null || (owner !== null && owner.id !== invited.personId));
}

/** Whose account it is for sure. */
function ownerOf({ linked, record }: SignInFacts): PersonFacts | null {
  return linked ?? record?.person ?? null;
}

/** Lines 7, 19 and 26 to 28. */
function ofPending(facts: SignInFacts, person: PersonFacts, active: LetIn): SignInDecision {
  if (mayAccept(facts, person)) return { ...active, accepts: true };
  const isInvited = facts.invited?.personId === person.id;
  return refuse(isInvited ? 'invited' : 'pending', { personId: person.id });
}

/** Lines 26 to 28: by the link of the mail; without it members alone, and by an address that is proven (I-03, O-42). */
function mayAccept(facts: SignInFacts, person: PersonFacts): boolean {
  const { invited } = facts;
  if (invited === null || invited.personId !== person.id) return false;
  return invited.byLink || (isAddressProven(facts) && facts.provider.linkByEmail && !isPrivileged(person));
}

/** Line 8: nothing but the directory's own word keeps them out, and it is another one now. */
function mayReturn({ provider, directory, record, waited }: SignInFacts, person: PersonFacts): boolean {
  const byDirectoryAlone =
    person.archiveReasons.length > 0 && person.archiveReasons.every((one) => one === 'directory');
  return (
    byDirectoryAlone && directory === 'employed' && provider.connection?.ready === true && !isAsked(record) && !waited
  );
}

/** Lines 11, 12 and 17: the subject is the directory's own id of this person. */
function ofRecord(facts: SignInFacts, person: PersonFacts, record: RecordFacts): SignInDecision {
  if (person.otherSubject) return refuse('other_subject', { personId: person.id, notice: true });
  if (person.state === 'active' && (person.isOperator || person.isBreakGlass)) {
    return refuse('link_from_session', { personId: person.id });
  }
  return byState({ ...facts, record }, person, { do: 'link', personId: person.id, by: 'directory' });
}

/** Lines 13 and 14: the directory knows them and we do not, or not whose they are. */
function ofNewcomer({ provider, directory, record, candidate, waited }: SignInFacts): SignInDecision | null {
  const { connection } = provider;
  if (connection === null) return null;
  // Whether or not the directory answers at this moment: no address leads around what an admin decides.
  if (isAsked(record)) return refuse('held');
  if (!connection.confirmed) return candidate === null ? refuse('not_yet_confirmed') : null;
  if (directory !== 'employed') return null;
  return connection.ready && !waited ? { do: 'wait_for_run' } : refuse('not_yet');
}

/** Line 26: the link of the mail has proven the address, and the account has the same. */
function byInvitation(candidate: PersonFacts): SignInDecision {
  const personId = candidate.id;
  if (candidate.erased) return refuse('unknown', { personId });
  if (candidate.otherSubject) return refuse('other_subject', { personId, notice: true });
  if (candidate.state === 'archived') return refuse('archived', { personId });
  if (candidate.isOperator || candidate.isBreakGlass) return refuse('link_from_session', { personId });
  return { do: 'link', personId, by: 'invitation', accepts: true };
}

/** Lines 15 to 21, 27 and 28. What would tell of people here is said only to whom the address is proven to belong. */
function byAddress(facts: SignInFacts): SignInDecision {
  const { provider, candidate, invited } = facts;
  if (invited?.byLink === true) {
    return candidate?.id === invited.personId ? byInvitation(candidate) : refuse('not_invited');
  }
  if (!isAddressProven(facts)) return refuse('unknown', { personId: candidate?.id ?? null });
  if (candidate === null) {
    // Line 15: whom a directory decides about is never made beside it.
    return provider.justInTime && provider.connection === null ? { do: 'create' } : refuse('unknown');
  }
  const personId = candidate.id;
  if (!provider.linkByEmail || candidate.erased) return refuse('unknown', { personId });
  if (candidate.otherSubject) return refuse('other_subject', { personId, notice: true });
  if (candidate.state === 'pending') return ofPending(facts, candidate, { do: 'link', personId, by: 'invitation' });
  if (candidate.state === 'archived') return refuse('archived', { personId });
  if (isPrivileged(candidate)) return refuse('link_from_session', { personId });
  return { do: 'link', personId, by: 'email', ...(mayAccept(facts, candidate) ? { accepts: true } : {}) };
}

/** The provider's word on the address counts, and it is the organisation's to give. */
export function isAddressProven({ identity, provider }: Pick<SignInFacts, 'identity' | 'provider'>): boolean {
  return identity.emailVerified && identity.domainVerified && provider.mayLinkByEmail;
}

/** Whether a session may be renewed by this identity (O-73): the subject must be that of the session's own person. */
export function decideStepUp(facts: OwnFacts): SignInDecision {
  const closed = atTheDoor(facts);
  if (closed !== null) return closed;
  const { self, linkedTo } = facts;
  if (linkedTo !== self.id) return refuse('other_person', { personId: self.id });
  return wordOfDirectory(facts, self) ?? ofSelf(self, { do: 'enter', personId: self.id });
}

/** Whether somebody who is signed in, and showed so a moment ago, may tie this identity to themselves; admins too. */
export function decideTie(facts: OwnFacts): SignInDecision {
  const closed = atTheDoor(facts);
  if (closed !== null) return closed;
  const { self, linkedTo, record } = facts;
  const owner = linkedTo ?? record?.person?.id ?? null;
  if (owner !== null && owner !== self.id) return refuse('other_person', { personId: self.id });
  const word = wordOfDirectory(facts, self);
  if (word !== null) return word;
  if (linkedTo === self.id) return ofSelf(self, { do: 'enter', personId: self.id });
  if (self.otherSubject) return refuse('other_subject', { personId: self.id, notice: true });
  return ofSelf(self, { do: 'link', personId: self.id, by: 'session' });
}

function ofSelf(self: PersonFacts, active: LetIn): SignInDecision {
  return self.state === 'active' ? active : refuse(self.state, { personId: self.id });
}

/** O-42: never by an address. */
function isPrivileged(person: PersonFacts): boolean {
  return person.isAdmin || person.isOperator || person.isBreakGlass;
}

/** An admin has to decide about the record, or has decided against it. */
function isAsked(record: RecordFacts | null): boolean {
  return record !== null && (record.held || record.keptOut || record.conflict);
}

function refuse(
  because: Refusal,
  about: { personId?: string | null; askRun?: boolean; notice?: boolean } = {},
): SignInDecision & { do: 'refuse' } {
  const { personId = null, askRun = false, notice = false } = about;
  return { do: 'refuse', because, personId, askRun, notice };
}
