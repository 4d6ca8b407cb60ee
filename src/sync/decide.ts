import { addressTaken, candidateLinked, recreated, sameAddress } from './conflicts.js';
import type { CandidateFacts, Decision, Facts, PersonFacts, Policy, Reference } from './facts.js';
import {
  applied,
  asked,
  change,
  FIELD_WORDS,
  NOTHING,
  overridden,
  skip,
  stateTo,
  unmatched,
  awaitsTeam,
  type Context,
} from './decision.js';
import { diffFields, fieldsOfNewPerson, wantsAddress, type FieldDiff } from './fields.js';
import type { Change, Reason } from './model.js';
import { standingOverride } from './overrides.js';
import { REACTIONS } from './reactions.js';
import { reason } from './reasons.js';
import { archiveReasonOf } from './leaving.js';
import {
  approvalNeeded,
  candidateOf,
  isAddressBlocked,
  isArchivedByDirectoryAlone,
  isJudged,
  isKnownHere,
  isOwnAddressTaken,
  linkOverride,
  relinkRefusal,
  situationOf,
  type Judged,
} from './situation.js';
import { standingOf } from './standing.js';

/**
 * Decides what one record means for one person. Pure: the same facts give the same decision, and deciding again after
 * the change was applied leaves nothing to change. What is decided here is still subject to the guard; the manager is
 * decided afterwards (`managers.ts`), and the last admin is looked after across records (`last-admins.ts`).
 */
export function decide(facts: Facts, policy: Policy, reference: Reference): Decision {
  const situation = situationOf(facts, policy, reference);
  const context: Context = { facts, policy, reference, situation };
  const reaction = REACTIONS[situation];
  switch (reaction.do) {
    case 'add':
      return add(context);
    case 'link':
      return link(context);
    case 'relink':
      return relink(context);
    case 'restore':
      return restore(context);
    case 'update':
      return update(context);
    case 'archive':
      return archive(context);
    case 'conflict':
      return conflict(context);
    case 'skip':
      return skip(context, skipReason(context), reaction.settles);
  }
}

/** Row 1. */
function add(context: Context): Decision {
  const { facts, policy, reference } = context;
  const observed = judged(facts);
  if (standingOverride(facts, 'add') !== null) return overridden(context, 'add');
  const { fields, diff } = fieldsOfNewPerson(observed, facts, policy, reference);
  const change = {
    kind: 'add' as const,
    personId: '',
    reason: reason('added'),
    before: null,
    after: fields,
    expectedVersion: null,
  };
  return applied(context, change, diff, {});
}

/** Row 2: nothing of the e-mail changes in this step, not even its spelling. */
function link(context: Context): Decision {
  const { facts } = context;
  const candidate = candidateHere(facts);
  if (linkOverride(facts) !== null) return overridden(context, 'link');
  const diff = diffHere(context, candidate, false);
  const moved = candidate.state === 'pending' ? stateTo(candidate, 'active') : NOTHING;
  return tied(context, candidate, change('link', candidate, reason('linked'), moved, diff), diff);
}

/** Identity rule 3: the record takes the place of one that is gone, or an admin is asked. */
function relink(context: Context): Decision {
  const { facts, reference } = context;
  const candidate = candidateHere(facts);
  if (linkOverride(facts) !== null) return overridden(context, 'relink');
  const refusal = relinkRefusal(facts, judged(facts), candidate, reference);
  if (refusal !== null) return asked(context, recreated(facts, candidate, refusal));
  const diff = diffHere(context, candidate, false);
  const moved = candidate.state === 'active' ? NOTHING : stateTo(candidate, 'active');
  const old = candidate.linkedRecord;
  const evidence = old?.byAbsence === true ? { evidence: 'absence' } : {};
  const why = reason('relinked', { previousExternalId: old?.externalId ?? null, ...evidence });
  const made = change('relink', candidate, why, moved, diff);
  if (candidate.state === 'archived') made.archiveReason = 'directory';
  return { ...tied(context, candidate, made, diff), removal: true };
}

/** A tie between a record and a candidate: approved by an admin where identity rule 2 asks for it. */
function tied(context: Context, candidate: CandidateFacts, made: Omit<Change, 'id'>, diff: FieldDiff): Decision {
  const { facts, policy } = context;
  const observed = judged(facts);
  const because = approvalNeeded(observed, candidate);
  const spelling = wantsAddress(candidate, observed, facts, policy);
  const decision = applied(context, made, diff, spelling ? { settles: false } : {});
  if (because === null) return decision;
  return { ...decision, disposition: 'approve', settles: false, reason: reason('link_needs_approval', { because }) };
}

/** Rows 4 and 19, and the directory's own reason taken back while others stand. Nobody comes back as an admin. */
function restore(context: Context): Decision {
  const { facts, policy, situation } = context;
  const person = facts.linked ?? candidateHere(facts);
  if (standingOverride(facts, 'restore') !== null) return overridden(context, 'restore');
  if (situation === 'returned_archived_by_another') return takeBack(context, person);
  const observed = judged(facts);
  const taken = facts.linked !== null && isOwnAddressTaken(facts, observed, facts.linked);
  if (taken) return asked(context, addressTaken(facts));
  const blocked = facts.linked !== null && isAddressBlocked(facts, observed, facts.linked, policy);
  const diff = diffHere(context, person, facts.linked !== null && !blocked);
  const back = stateTo(person, 'active');
  const roles = person.isAdmin ? { before: { isAdmin: true }, after: { isAdmin: false } } : NOTHING;
  const moved = { before: { ...back.before, ...roles.before }, after: { ...back.after, ...roles.after } };
  const made = { ...change('restore', person, reason('restored'), moved, diff), archiveReason: 'directory' as const };
  if (facts.linked === null) return tied(context, candidateHere(facts), made, diff);
  return applied(context, made, diff, blocked ? { conflict: addressTaken(facts) } : {});
}

function takeBack(context: Context, person: PersonFacts): Decision {
  const by = person.archiveReasons
    .filter((one) => one !== 'directory')
    .toSorted()
    .join(', ');
  if (context.facts.linked === null || !person.archiveReasons.includes('directory')) {
    return skip(context, reason('archived_by_another', { by }), false);
  }
  const why = reason('own_reason_cleared', { by });
  const made = { ...change('restore', person, why, NOTHING, null), archiveReason: 'directory' as const };
  return applied(context, made, null, { settles: false });
}

/** Rows 3, 16, 17, 18; row 19 where the person comes back. */
function update(context: Context): Decision {
  const { facts, policy, situation } = context;
  const { linked } = facts;
  if (linked === null) return asked(context, addressTaken(facts));
  if (situation === 'decided_elsewhere' && !keepsInStep(context, linked)) {
    return skip(context, reason('decided_elsewhere'), !isKnownHere(facts));
  }
  const observed = judged(facts);
  const returns = linked.state === 'archived' && standingOf(observed.record.status, policy) === 'employed';
  if (returns && situation === 'address_is_anothers') return restore(context);
  const blocked = isAddressBlocked(facts, observed, linked, policy);
  const found = blocked ? addressTaken(facts) : null;
  const diff = diffHere(context, linked, !blocked);
  const settles = found === null && situation !== 'decided_elsewhere';
  if (diff.changed.length === 0) {
    if (found !== null) return asked(context, found, diff);
    if (situation === 'decided_elsewhere')
      return { ...skip(context, reason('decided_elsewhere'), false), ...unmatched(diff) };
    const calm = { ...skip({ ...context, situation: 'unchanged' }, reason('unchanged'), true), ...unmatched(diff) };
    return { ...calm, settles: !awaitsTeam(context, diff) };
  }
  const why = reason('updated', { fields: diff.changed.map((field) => FIELD_WORDS[field]).join(', ') });
  return applied(context, change('update', linked, why, NOTHING, diff), diff, { conflict: found, settles });
}

/** Rows 6, 7, 8 and 10. A record that lives and is in scope updates the fields with it; one that is gone touches none. */
function archive(context: Context): Decision {
  const { facts, policy, situation } = context;
  const { linked } = facts;
  if (linked === null) return skip(context, reason('never_linked'), true);
  const why = archiveReasonOf(situation, facts);
  const removal = linked.state !== 'archived';
  if (standingOverride(facts, 'archive') !== null) return overridden(context, 'archive');
  if (removal && linked.isProtected) return skip(context, reason('protected', { would: why.code }), false);
  const moved = removal ? stateTo(linked, 'archived') : NOTHING;
  const inStep = removal && keepsInStep(context, linked);
  const blocked = inStep && isAddressBlocked(facts, judged(facts), linked, policy);
  const diff = inStep ? diffHere(context, linked, !blocked) : null;
  const made = { ...change('archive', linked, why, moved, diff), archiveReason: 'directory' as const };
  return { ...applied(context, made, diff, blocked ? { conflict: addressTaken(facts) } : {}), removal };
}

/** Row 14 and identity rule 4. */
function conflict(context: Context): Decision {
  const { facts, situation } = context;
  if (situation === 'rival_addresses') return asked(context, sameAddress(facts));
  return asked(context, candidateLinked(facts, candidateHere(facts)));
}

function skipReason(context: Context): Reason {
  const { facts, situation } = context;
  const { because } = REACTIONS[situation];
  const { observed, witness } = facts;
  switch (situation) {
    case 'unknown':
      return reason(because, { fault: observed?.fault ?? 'It has no usable address.' });
    case 'newcomer_out_of_scope':
      return reason(because, { because: observed?.scope.in === false ? observed.scope.because : null });
    case 'absent_unconfirmed':
      return reason(because, witness?.says === 'unknown' ? { because: witness.because } : {});
    default:
      return reason(because);
  }
}

/** Whether a person's fields follow the record: it lives, is in scope, and nobody else archived the person. */
function keepsInStep(context: Context, person: PersonFacts): boolean {
  const { observed } = context.facts;
  if (observed === null || !isJudged(observed) || !observed.scope.in) return false;
  if (standingOf(observed.record.status, context.policy) === 'gone') return false;
  return person.state !== 'archived' || isArchivedByDirectoryAlone(person);
}

function diffHere(context: Context, person: PersonFacts, withEmail: boolean): FieldDiff {
  return diffFields(person, judged(context.facts), context.facts, context.policy, context.reference, withEmail);
}

function judged(facts: Facts): Judged {
  if (facts.observed === null || !isJudged(facts.observed)) throw new TypeError('this reaction needs a judged record');
  return facts.observed;
}

function candidateHere(facts: Facts): CandidateFacts {
  const candidate = candidateOf(facts);
  if (candidate === null) throw new TypeError('this reaction needs a candidate');
  return candidate;
}
