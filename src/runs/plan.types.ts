import type { ChangeKind, PersonFields, Reason } from '../sync/model.js';

export type Disposition = 'apply' | 'hold' | 'approve' | 'skip' | 'conflict';

/** `skip` and `conflict` change nobody; `team` and `position` make what is missing before its people arrive. */
export type PlannedKind = ChangeKind | 'skip' | 'conflict' | 'team' | 'position';

/** One line of a stored plan. */
export interface PlannedChange {
  seq: number;
  kind: PlannedKind;
  disposition: Disposition;
  situation: string;
  externalId: string | null;
  personId: string | null;
  otherPersonId: string | null;
  label: string;
  reason: Reason;
  before: Partial<PersonFields> | null;
  after: PlannedAfter | null;
  removal: boolean;
  /** Of the record that it was decided on, base64. */
  recordHash: string | null;
  settles: boolean;
  approved: boolean;
  place: number;
  ring: string | null;
}

/** A line that rests on no record of its own: what is not said of it is nothing. */
export function plannedLine(
  said: Pick<PlannedChange, 'seq' | 'kind' | 'situation' | 'label' | 'reason' | 'place'> & Partial<PlannedChange>,
): PlannedChange {
  const { seq, kind, situation, label, reason, place } = said;
  return {
    seq,
    kind,
    disposition: said.disposition ?? (kind === 'skip' ? 'skip' : 'apply'),
    situation,
    externalId: said.externalId ?? null,
    personId: said.personId ?? null,
    otherPersonId: said.otherPersonId ?? null,
    label,
    reason,
    before: said.before ?? null,
    after: said.after ?? null,
    removal: said.removal ?? false,
    recordHash: said.recordHash ?? null,
    settles: said.settles ?? false,
    approved: said.approved ?? false,
    place,
    ring: said.ring ?? null,
  };
}

/** What a change makes, and what only its application needs besides. */
export type PlannedAfter = Partial<PersonFields> & {
  archiveReason?: string;
  expectedVersion?: number | null;
  /** Name of a team to make. */
  teamName?: string;
  /** Name of a position to make, and where. */
  positionName?: string;
  frameworkId?: string;
  /** Of a file: whoever is changed is invited with that. */
  invites?: boolean;
  /** Where the record of a relinked person was. */
  formerExternalId?: string;
  /** The manager as the record names one, where nobody is it yet or only this plan brings them. */
  awaitedManager?: string;
  unmatchedTitle?: string;
  unmatchedTeam?: string;
  /** Of a removal: the hash of the facts that it rests on, for the hold. */
  factsHash?: string;
  lastSignInAt?: string;
  /** Cause of the conflict that was found with it. */
  conflict?: string;
  /** Of an undo: the record goes back to nobody, or the person to an earlier record. */
  untie?: { externalId: string; to: string | null };
  /** Of an undo: changes that are ruled out from now on. */
  overrides?: string[];
};

/** A stored line with what became of it. */
export interface PlannedRow extends Omit<PlannedChange, 'recordHash'> {
  result: string | null;
}

/** Whether a line makes a team or a position rather than changing somebody. */
export function isPlace(line: Pick<PlannedChange, 'kind'>): boolean {
  return line.kind === 'team' || line.kind === 'position';
}

/** Order of the batches: missing teams, joiners (by their level below the top), movers, and leavers last. */
export const PLACE = { team: 0, joiner: 10, mover: 100_000, leaver: 1_000_000 } as const;
