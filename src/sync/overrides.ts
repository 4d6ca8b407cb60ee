import { canonicalJson, type Json } from './canonical.js';
import type { Facts, ManagedField, Observation, OverrideFacts, WitnessVerdict } from './facts.js';
import type { ChangeKind } from './model.js';
import { sha256 } from './sha256.js';
import { DIRECTORY_STATUSES } from './standing.js';

/** What an override stands against: a kind of change, every field, or one field. */
export type OverrideKind = Exclude<ChangeKind, 'update'> | 'update' | `update:${ManagedField}`;

/** The part of an observation that facts are taken from; null when the record is absent. */
export type Observed = Pick<Observation, 'record' | 'emailCanonical' | 'scope'> | null;

/**
 * The facts in a record that lead to a change of one kind, as a hash to keep with an override or a held removal. The
 * override stands until this hash differs: a new title does not lift a rejected removal, a new status does.
 */
export function factsHash(kind: string, observed: Observed): string {
  return sha256(canonicalJson(factsBehind(kind, observed)));
}

function factsBehind(kind: string, observed: Observed): Json {
  if (observed === null) return ['absent'];
  const { record, scope } = observed;
  if (record === null) return ['unknown'];
  switch (kind) {
    case 'archive':
    case 'restore':
      return ['standing', record.status, scope.in ? null : scope.because];
    case 'add':
    case 'link':
    case 'relink':
      return ['address', observed.emailCanonical];
    case 'update:email':
      return ['email', record.email];
    case 'update:firstName':
      return ['firstName', record.firstName];
    case 'update:lastName':
      return ['lastName', record.lastName];
    case 'update:team':
      return ['department', record.department];
    case 'update:position':
      return ['title', record.title];
    case 'update:manager':
      return ['manager', record.manager === null ? null : { ...record.manager }];
    case 'update:employeeNumber':
      return ['employeeNumber', record.employeeNumber];
    case 'update:extras':
      return ['extras', record.extras];
    default:
      return everything(record);
  }
}

function everything(record: NonNullable<Observation['record']>): Json {
  const { email, firstName, lastName, department, title, manager, employeeNumber, extras } = record;
  const by = manager === null ? null : { ...manager };
  return ['fields', { email, firstName, lastName, department, title, manager: by, employeeNumber, extras }];
}

/** The override that keeps a kind of change from happening, if one stands. */
export function standingOverride(facts: Facts, kind: OverrideKind): OverrideFacts | null {
  const kinds: string[] = kind.startsWith('update:') ? [kind, 'update'] : [kind];
  return facts.overrides.find((override) => kinds.includes(override.kind) && stands(override, facts)) ?? null;
}

/**
 * Overrides that hold no more, because the facts in the record that led to the change differ. Whoever plans a record
 * releases them with it, so that they do not stand again when the old facts come back. A record that cannot be judged,
 * and an absence that is not confirmed, say nothing: with them all of them stand. A witness of somebody whom a listing
 * left out, though they are there, tells of their standing alone.
 */
export function lapsedOverrides(facts: Facts): OverrideFacts[] {
  return facts.overrides.filter((override) => isTold(override.kind, facts) && !stands(override, facts));
}

/** Whether anything is known of the facts behind a kind of change. */
function isTold(kind: string, { observed, witness }: Facts): boolean {
  if (observed !== null) return observed.record !== null && observed.fault === null;
  if (witness?.says === 'gone') return true;
  return isOfStanding(kind) && (witness?.says === 'not_employed' || witness?.says === 'out_of_scope');
}

function isOfStanding(kind: string): boolean {
  return kind === 'archive' || kind === 'restore';
}

function stands({ kind, factsHash: hash }: OverrideFacts, { observed, witness }: Facts): boolean {
  if (hash === null || hash === factsHash(kind, observed)) return true;
  if (observed !== null || witness === null || !isOfStanding(kind)) return false;
  return standingsTold(witness).some((standing) => hash === sha256(canonicalJson(standing)));
}

/** What `factsBehind` says of a standing, as far as a witness tells it of a record that a listing left out. */
function standingsTold(witness: WitnessVerdict): Json[] {
  if (witness.says === 'not_employed') return [['standing', witness.status, null]];
  if (witness.says !== 'out_of_scope') return [];
  return DIRECTORY_STATUSES.map((status) => ['standing', status, witness.because]);
}
