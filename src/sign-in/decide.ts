import type { OwnFacts, PersonFacts, RecordFacts, SignInDecision, SignInFacts } from './decide.types.js';
import type { Refusal } from './refusals.js';

/**
 * Who gets in by a provider: the table of docs/sign-in.md, line by line, and the first that fits decides. Pure: the same
 * facts give the same decision. Nothing is read of what a token claims about roles or groups (line 22).
 */
export function decide(facts: SignInFacts): SignInDecision {
  const closed = atTheDoor(facts);
  if (closed !== null) return closed;
  const { linked, record } = facts;
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

/** Lines 3, 7, 8, 9. */
function byState(facts: SignInFacts, person: PersonFacts, active: SignInDecision): SignInDecision {
  if (person.erased) return refuse('unknown');
  if (person.state === 'active') return active;
  if (person.state === 'pending') return refuse('pending', { personId: person.id });
  return mayReturn(facts, person) ? { do: 'wait_for_run' } : refuse('archived', { personId: person.id });
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

/** Lines 15 to 21. What would tell of people here is said only to whom the address is proven to belong. */
function byAddress({ provider, identity, candidate }: SignInFacts): SignInDecision {
  const proven = identity.emailVerified && identity.domainVerified && provider.mayLinkByEmail;
  if (!proven) return refuse('unknown', { personId: candidate?.id ?? null });
  if (candidate === null) {
    // Line 15: whom a directory decides about is never made beside it.
    return provider.justInTime && provider.connection === null ? { do: 'create' } : refuse('unknown');
  }
  const personId = candidate.id;
  if (!provider.linkByEmail || candidate.erased) return refuse('unknown', { personId });
  if (candidate.otherSubject) return refuse('other_subject', { personId, notice: true });
  if (candidate.state === 'pending') return refuse('pending', { personId });
  if (candidate.state === 'archived') return refuse('archived', { personId });
  if (isPrivileged(candidate)) return refuse('link_from_session', { personId });
  return { do: 'link', personId, by: 'email' };
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

function ofSelf(self: PersonFacts, active: SignInDecision): SignInDecision {
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
