import type { CandidateFacts, Facts, Observation, PersonFacts, Policy, Reference, Situation } from './facts.js';
import { wantsAddress } from './fields.js';
import type { DirectoryRecord } from './model.js';
import { standingOverride } from './overrides.js';
import { deciderElsewhere } from './ownership.js';
import { RELINK_WINDOW_MS } from './policy.js';
import { isDirectoryStatus, isLeaver, standingOf } from './standing.js';

export type Judged = Observation & { record: DirectoryRecord; emailCanonical: string };

/** An observation that can be judged: a record, an address, no fault (row 13 otherwise). */
export function isJudged(observed: Observation): observed is Judged {
  return observed.record !== null && observed.emailCanonical !== null && observed.fault === null;
}

/** Where the facts stand, in the order of the specification: evidence first, then identity, then employment. */
export function situationOf(facts: Facts, policy: Policy, reference: Reference): Situation {
  const { observed, linked, mirror } = facts;
  if (observed === null) return linked === null ? 'never_linked_absent' : absentSituation(facts, linked, policy);
  if (mirror !== null && observed.observedAt.getTime() < mirror.observedAt.getTime()) return 'superseded';
  if (!isJudged(observed)) return 'unknown';
  return linked === null
    ? newcomerSituation(facts, observed, policy, reference)
    : linkedSituation(facts, observed, linked, policy);
}

/** Rows 7, 8, 9: a linked record that a complete read did not show. Without a witness nothing follows. */
function absentSituation(facts: Facts, linked: PersonFacts, policy: Policy): Situation {
  const { witness } = facts;
  if (witness === null) return 'absent_unconfirmed';
  switch (witness.says) {
    case 'missing':
    case 'unknown':
      return 'absent_unconfirmed';
    case 'present':
      return 'absent_present';
    case 'gone':
      return leaving(facts, linked, policy, 'absent_gone');
    case 'out_of_scope':
      return leaving(facts, linked, policy, 'out_of_scope');
    case 'not_employed':
      // The settings may say that this status is no leaver's; then the direct read found somebody who stays.
      return isDirectoryStatus(witness.status) && !isLeaver(witness.status, policy)
        ? 'absent_present'
        : leaving(facts, linked, policy, 'not_employed');
  }
}

/** Rows 3 to 8, 16 to 19. */
function linkedSituation(facts: Facts, observed: Judged, linked: PersonFacts, policy: Policy): Situation {
  const standing = standingOf(observed.record.status, policy);
  if (standing === 'gone') {
    return leaving(facts, linked, policy, observed.record.status === 'deleted' ? 'absent_gone' : 'not_employed');
  }
  if (standing === 'leaver' && observed.scope.in) {
    // Row 3 holds for any person: whom the directory alone archived is kept up to date while the record lives.
    return isArchivedByDirectoryAlone(linked)
      ? inStep(facts, observed, linked, policy, 'changed')
      : leaving(facts, linked, policy, 'not_employed');
  }
  if (standing === 'leaver') return leaving(facts, linked, policy, 'not_employed');
  if (!observed.scope.in) return leaving(facts, linked, policy, 'out_of_scope');
  if (linked.state !== 'archived') return inStep(facts, observed, linked, policy, 'changed');
  if (standing === 'employed') return returning(facts, observed, linked, policy);
  return isArchivedByDirectoryAlone(linked) ? inStep(facts, observed, linked, policy, 'changed') : 'already_archived';
}

/** Rows 4, 5, 19: employed again, and archived here. */
function returning(facts: Facts, observed: Judged, linked: PersonFacts, policy: Policy): Situation {
  if (linked.archiveReasons.includes('admin')) return 'returned_archived_by_admin';
  const decider = deciderElsewhere(facts.others, policy.rank, true);
  if (decider !== null && !decider.employed) return 'decided_elsewhere';
  if (!isArchivedByDirectoryAlone(linked)) return 'returned_archived_by_another';
  return inStep(facts, observed, linked, policy, 'returned');
}

/**
 * Rows 6 to 8 for one person: archived already, kept because another connection decides and employs them, or to be
 * archived. Somebody archived by others (not an admin) gets the directory's reason besides: each source sets its own.
 */
function leaving(facts: Facts, linked: PersonFacts, policy: Policy, situation: Situation): Situation {
  if (linked.state === 'archived') {
    const { archiveReasons } = linked;
    if (archiveReasons.includes('directory') || archiveReasons.includes('admin')) return 'already_archived';
  }
  const knownHere = isKnownHere(facts);
  const decider = deciderElsewhere(facts.others, policy.rank, knownHere);
  return decider !== null && decider.employed ? 'decided_elsewhere' : situation;
}

/** Whether the connection still knows the person: a living record, in scope. */
export function isKnownHere(facts: Facts): boolean {
  const { observed, witness } = facts;
  if (observed === null)
    return witness?.says === 'not_employed' && witness.status !== 'deprovisioned' && witness.status !== 'deleted';
  const status = observed.record?.status;
  return observed.scope.in && status !== 'deprovisioned' && status !== 'deleted';
}

/** Rows 17 and 19 where the record's address is somebody else's; else the situation itself. */
function inStep(
  facts: Facts,
  observed: Judged,
  linked: PersonFacts,
  policy: Policy,
  situation: 'changed' | 'returned',
): Situation {
  const blocked = isAddressBlocked(facts, observed, linked, policy);
  return blocked || (situation === 'returned' && isOwnAddressTaken(facts, observed, linked))
    ? 'address_is_anothers'
    : situation;
}

/**
 * Whether a linked person cannot have the record's new address: somebody else who is not archived has it and does not
 * give it up in this plan, or another linked record asks for it as well.
 */
export function isAddressBlocked(facts: Facts, observed: Judged, linked: PersonFacts, policy: Policy): boolean {
  if (linked.emailCanonical === observed.emailCanonical || !wantsAddress(linked, observed, facts, policy)) return false;
  return isHeld(facts, linked) || isContested(facts, linked);
}

/** Whether the very address that an archived person has is another's now: they cannot come back with it (row 19). */
export function isOwnAddressTaken(facts: Facts, observed: Judged, linked: PersonFacts): boolean {
  return linked.emailCanonical === observed.emailCanonical && isHeld(facts, linked);
}

function isHeld(facts: Facts, linked: PersonFacts): boolean {
  return facts.holder !== null && facts.holder.personId !== linked.id && !facts.holderMovesOn;
}

export function isContested(facts: Facts, linked: PersonFacts): boolean {
  return facts.rivals.some((rival) => rival.personId !== null && rival.personId !== linked.id);
}

/** Rows 1, 2, 11, 12, 14 and identity rules 2 to 5: nobody is linked to the record. */
function newcomerSituation(facts: Facts, observed: Judged, policy: Policy, reference: Reference): Situation {
  if (!observed.scope.in) return 'newcomer_out_of_scope';
  if (standingOf(observed.record.status, policy) !== 'employed') return 'newcomer_not_employed';
  if (facts.rivals.length > 0) return 'rival_addresses';
  const candidate = candidateOf(facts);
  if (candidate === null) return facts.holder !== null && !facts.holderMovesOn ? 'address_is_anothers' : 'newcomer';
  const { linkedRecord } = candidate;
  if (linkedRecord !== null && linkedRecord.goneAt === null) return 'candidate_lives';
  if (linkedRecord !== null && relinkRefusal(facts, observed, candidate, reference) !== null) return 'recreated';
  if (candidate.state === 'archived') {
    if (candidate.archiveReasons.includes('admin')) return 'returned_archived_by_admin';
    if (!isArchivedByDirectoryAlone(candidate)) return 'returned_archived_by_another';
  }
  if (linkedRecord !== null) return 'recreated';
  return candidate.state === 'archived' ? 'returned' : 'newcomer_known_here';
}

/**
 * The person whom the address suggests, or nobody: the holder gives the address up in this very plan, or an admin
 * decided that an archived candidate is somebody else (an override against the link).
 */
export function candidateOf(facts: Facts): CandidateFacts | null {
  const { candidate, holder, holderMovesOn } = facts;
  if (candidate === null) return null;
  if (holderMovesOn && holder !== null && holder.personId === candidate.id) return null;
  if (candidate.state === 'archived' && linkOverride(facts) !== null) return null;
  return candidate;
}

export function linkOverride(facts: Facts): ReturnType<typeof standingOverride> {
  return standingOverride(facts, 'link') ?? standingOverride(facts, 'relink');
}

/** Why a link needs an admin (identity rule 2); null when it may be made by itself. */
export function approvalNeeded(observed: Observation, candidate: PersonFacts): 'admin' | 'protected' | 'domain' | null {
  if (candidate.isAdmin) return 'admin';
  if (candidate.isProtected) return 'protected';
  return observed.domainVerified ? null : 'domain';
}

/** Which condition of identity rule 3 fails; null when the record takes the old one's place. */
export function relinkRefusal(
  facts: Facts,
  observed: Judged,
  candidate: CandidateFacts,
  reference: Reference,
): 'admin' | 'protected' | 'domain' | 'too_long_ago' | 'no_agreement' | null {
  const old = candidate.linkedRecord;
  if (old === null || old.goneAt === null) return 'no_agreement';
  const approval = approvalNeeded(observed, candidate);
  if (approval !== null) return approval;
  if (facts.now.getTime() - old.goneAt.getTime() > RELINK_WINDOW_MS) return 'too_long_ago';
  const { record } = observed;
  const number = record.employeeNumber;
  if (number !== null && number !== '' && number === old.employeeNumber) return null;
  const now = fullName(record, reference);
  return now !== null && now === fullName(old, reference) ? null : 'no_agreement';
}

function fullName(named: { firstName: string | null; lastName: string | null }, reference: Reference): string | null {
  if (named.firstName === null || named.lastName === null) return null;
  const first = reference.fold(named.firstName);
  const last = reference.fold(named.lastName);
  return first === '' || last === '' ? null : `${first}\n${last}`;
}

/** Row 4: archived, and every reason is the directory's. */
export function isArchivedByDirectoryAlone(person: PersonFacts): boolean {
  return (
    person.state === 'archived' &&
    person.archiveReasons.length > 0 &&
    person.archiveReasons.every((one) => one === 'directory')
  );
}
