/**
 * Where somebody stands, said neutrally. How a directory shows it:
 * `staged` – Okta STAGED, Google suspended until the first sign-in; `employed` – see `OktaFlavour`; `suspended` – both;
 * `deprovisioned` – Okta DEPROVISIONED, Google suspended; `archived` – Okta DEPROVISIONED, Google archived;
 * `left` – Okta DEPROVISIONED, Google deleted; `erased` – gone from Okta for ever, deleted in Google.
 */
export type PersonState = 'staged' | 'employed' | 'suspended' | 'deprovisioned' | 'archived' | 'left' | 'erased';

/** The five Okta statuses that all mean employed. */
export type OktaFlavour = 'PROVISIONED' | 'ACTIVE' | 'RECOVERY' | 'PASSWORD_EXPIRED' | 'LOCKED_OUT';

export interface Person {
  /** Neutral and permanent; never given to anybody else. Provider ids are made from it. */
  readonly n: number;
  given: string;
  family: string;
  email: string;
  /** What Okta signs in with; mostly the e-mail, for a few people something of its own. */
  login: string;
  /** Former addresses; Google keeps them as aliases. */
  aliases: readonly string[];
  department: string;
  title: string;
  manager: number | null;
  employeeNumber: string;
  unit: number;
  country: string;
  costCentre: string;
  state: PersonState;
  flavour: OktaFlavour;
  created: number;
  activated: number | null;
  statusChanged: number;
  lastUpdated: number;
  lastSignIn: number | null;
  /** When the directory lost them (left or erased). */
  leftAt: number | null;
  /** Past the days in which Google shows somebody deleted. */
  purged: boolean;
  /** Rises with every change that shows; caches compare it. */
  version: number;
}

export interface Group {
  readonly n: number;
  name: string;
  email: string;
  description: string;
  /** `everyone` is Okta's built-in group; Google has none. */
  readonly kind: 'everyone' | 'ordinary' | 'imported';
  readonly members: Set<number>;
  /** Groups within this one; Google only, Okta knows no nesting. */
  readonly nested: Set<number>;
  /** Google's member of type CUSTOMER: everybody. */
  wholeCustomer: boolean;
  /** Addresses of other companies. */
  external: string[];
  readonly created: number;
  lastUpdated: number;
  lastMembershipUpdated: number;
  deleted: boolean;
  version: number;
}

export interface Unit {
  readonly n: number;
  name: string;
  parent: number | null;
}

/** The one application whose assignments can be a scope. */
export interface Application {
  readonly n: number;
  name: string;
  readonly direct: Set<number>;
  readonly groups: Set<number>;
  /** The organisation moved it to implicit assignment: its list is no scope any more. */
  implicit: boolean;
  deleted: boolean;
}

export type ChangeKind =
  | 'person.created'
  | 'person.activated'
  | 'person.edited'
  | 'person.email_changed'
  | 'person.unit_changed'
  | 'person.suspended'
  | 'person.unsuspended'
  | 'person.archived'
  | 'person.unarchived'
  | 'person.deprovisioned'
  | 'person.left'
  | 'person.returned'
  | 'person.erased'
  | 'person.locked'
  | 'group.created'
  | 'group.renamed'
  | 'group.deleted'
  | 'group.member_added'
  | 'group.member_removed'
  | 'application.person_assigned'
  | 'application.person_unassigned'
  | 'application.group_assigned'
  | 'application.group_unassigned';

/** One thing that happened; Okta's System Log and Google's audit log are written from these. */
export interface Happening {
  readonly seq: number;
  readonly at: number;
  readonly kind: ChangeKind;
  readonly person: number | null;
  readonly group: number | null;
  /** The address at the time, and the new one where it changed. */
  readonly email: string;
  readonly newEmail: string | null;
  /** Failed attempts are logged too and change nothing. */
  readonly success: boolean;
}

/** Is the person still an account in Okta, whatever the status? */
export function isInOkta(person: Person): boolean {
  return person.state !== 'erased';
}

/** Is the person still an account in Google, suspended and archived ones included? */
export function isInGoogle(person: Person): boolean {
  return person.state !== 'left' && person.state !== 'erased';
}

/** Deactivated in Okta: plain lists leave them out and assignments are gone. */
export function isDeprovisionedInOkta(person: Person): boolean {
  return person.state === 'deprovisioned' || person.state === 'archived' || person.state === 'left';
}
