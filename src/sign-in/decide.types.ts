import type { Refusal } from './refusals.js';

/** Somebody who is here, as far as it decides about getting in. */
export interface PersonFacts {
  id: string;
  state: 'pending' | 'active' | 'archived';
  archiveReasons: readonly string[];
  isAdmin: boolean;
  isOperator: boolean;
  isBreakGlass: boolean;
  erased: boolean;
  /** Another subject of this provider is tied to them, or another living record of its directory. */
  otherSubject: boolean;
}

/** What the mirror of the provider's directory holds under this subject. */
export interface RecordFacts {
  /** Whose it is; null: nobody's yet. */
  person: PersonFacts | null;
  /** A removal of this record waits for an admin. */
  held: boolean;
  /** An admin ruled out that its person is archived, and what it says now is what they ruled it out for. */
  keptIn: boolean;
  /** An admin ruled out that somebody is added, linked or brought back for it. */
  keptOut: boolean;
  /** A conflict about it waits for an admin. */
  conflict: boolean;
}

export type DirectoryWord = 'employed' | 'not_employed' | 'out_of_scope' | 'gone' | 'unknown' | 'not_asked';

/** Everything that one sign-in is decided by. What a token says of roles and groups is no part of it (line 22). */
export interface SignInFacts {
  organisation: { sso: boolean; deleting: boolean };
  provider: {
    active: boolean;
    /** The connection whose directory signs its people in here; null: none, and a subject means nothing to any. */
    connection: { confirmed: boolean; ready: boolean } | null;
    /** Whether an address proves anything at this kind of provider (O-45). */
    mayLinkByEmail: boolean;
    linkByEmail: boolean;
    justInTime: boolean;
  };
  identity: {
    /** The rules of its preset about hosted domain and tenant are met (O-44, O-45). */
    ofTheCompany: boolean;
    /** It meets `acr` and `amr` as asked for (O-74). */
    strongEnough: boolean;
    emailVerified: boolean;
    /** The domain of its address is verified for this organisation. */
    domainVerified: boolean;
  };
  /** Who is tied to the subject (O-38). Then nobody is looked for. */
  linked: PersonFacts | null;
  record: RecordFacts | null;
  directory: DirectoryWord;
  /** Who has the address here: whoever is not archived, else whoever was archived last. */
  candidate: PersonFacts | null;
  /** It began at the link of an invitation, and is meant for whom that is for. */
  atInvitation: boolean;
  /** The open invitation to the address of this identity. */
  invited: InvitedFacts | null;
  /** A run was asked for this one subject already, and the time to wait for it is over. */
  waited: boolean;
}

export interface InvitedFacts {
  personId: string;
  /** Whoever comes has opened the link that was sent to the address. */
  byLink: boolean;
}

export type SignInDecision =
  /** `accepts`: their invitation with it. */
  | { do: 'enter'; personId: string; accepts?: true }
  | { do: 'link'; personId: string; by: 'directory' | 'email' | 'session' | 'invitation'; accepts?: true }
  | { do: 'create' }
  /** A run of this one subject, which may settle it at once; decide again after it. */
  | { do: 'wait_for_run' }
  | {
      do: 'refuse';
      because: Refusal;
      /** Whom it is about, for the audit log; never said. */
      personId: string | null;
      /** The directory and we disagree: a run of this one subject is asked for. */
      askRun: boolean;
      /** An admin has to mend it. */
      notice: boolean;
    };

/** Somebody who is here gets in. */
export type LetIn = SignInDecision & { do: 'enter' | 'link' };

/** Somebody who is signed in shows who they are again, or ties another way of signing in to themselves. */
export interface OwnFacts extends Pick<SignInFacts, 'organisation' | 'provider' | 'identity' | 'record' | 'directory'> {
  /** The person of the session. */
  self: PersonFacts;
  /** Who is tied to the subject. */
  linkedTo: string | null;
}
