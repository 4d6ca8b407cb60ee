import type { CandidateFacts, ConflictFound, Facts } from './facts.js';

/**
 * Row 14. One conflict for all records that share the address: its cause is the same from each one's view, so that
 * whoever stores conflicts keeps the one of the lowest external id.
 */
export function sameAddress(facts: Facts): ConflictFound {
  const others = facts.rivals.toSorted((a, b) => order(a.externalId, b.externalId));
  const linked = others.find((rival) => rival.personId !== null);
  const other = linked ?? others[0];
  const all = [facts.externalId, ...others.map((rival) => rival.externalId)].toSorted(order);
  return {
    kind: 'same_address',
    cause: `same_address:${all.map((id) => JSON.stringify(id)).join(',')}`,
    otherExternalId: other?.externalId ?? null,
    otherPersonId: linked?.personId ?? null,
    text:
      linked === undefined
        ? 'Several people in the directory have this address, and none of them is anybody here yet. None was added.'
        : 'Somebody else in the directory has this address and is linked to a person here. This one was not added.',
  };
}

/** Rows 17 and 19, and a newcomer whose address is somebody's who cannot be a candidate. */
export function addressTaken(facts: Facts): ConflictFound {
  const rival = facts.rivals.find((one) => one.personId !== null && one.personId !== facts.linked?.id);
  const holder = facts.holderMovesOn ? null : (facts.holder?.personId ?? null);
  const other = holder ?? rival?.personId ?? null;
  return {
    kind: 'address_taken',
    cause: `address_taken:${JSON.stringify(facts.externalId)}:${other ?? ''}`,
    otherExternalId: rival?.externalId ?? null,
    otherPersonId: other,
    text:
      holder === null
        ? 'Two linked people ask for one address. Neither was given it.'
        : 'The address that the directory gives is another person’s. It was not changed.',
  };
}

/** Identity rule 3, where a condition fails. */
export function recreated(facts: Facts, candidate: CandidateFacts, refusal: string): ConflictFound {
  return {
    kind: 'recreated',
    cause: `recreated:${JSON.stringify(facts.externalId)}:${candidate.id}`,
    otherExternalId: candidate.linkedRecord?.externalId ?? null,
    otherPersonId: candidate.id,
    text: `Is this the same person, or a new one? ${WHY_NOT[refusal] ?? ''}`.trim(),
  };
}

const WHY_NOT: Record<string, string> = {
  admin: 'The person who had the address is an admin.',
  protected: 'The person who had the address is protected.',
  domain: 'The domain of the address is not verified.',
  too_long_ago: 'The old record went more than 30 days ago.',
  no_agreement: 'Neither the employee number nor the full name agrees.',
};

/** Identity rule 4. */
export function candidateLinked(facts: Facts, candidate: CandidateFacts): ConflictFound {
  return {
    kind: 'candidate_linked',
    cause: `candidate_linked:${JSON.stringify(facts.externalId)}:${candidate.id}`,
    otherExternalId: candidate.linkedRecord?.externalId ?? null,
    otherPersonId: candidate.id,
    text: 'The address is a person’s who is linked to another record of this directory. Nothing was changed for either.',
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
