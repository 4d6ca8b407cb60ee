import { Injectable } from '@nestjs/common';
import type { Visitor } from '../auth/caller.decorator.js';
import type { Tx } from '../database/tx.js';
import type { InvitationLink } from '../sso/sso.types.js';

/** Somebody's open invitation, as far as signing in needs to know. */
export interface OpenInvitation extends InvitationLink {
  personId: string;
  /** The attempt began at the link of the mail, so whoever comes has read what was sent to the address. */
  byLink: boolean;
}

export interface InvitationQuestion {
  /** The link that the attempt was begun from: an older one of an invitation that was sent again opens nothing. */
  link: InvitationLink | null;
  /** Whom the proven address suggests. */
  candidateId: string | null;
  /** Canonical. */
  address: string;
}

/** What invitations offer to signing in, which knows nothing else of them. */
export interface InvitationDoor {
  open(tx: Tx, question: InvitationQuestion): Promise<OpenInvitation | null>;
  /** Within the transaction that lets the person in. False: somebody else was faster, or it ended, or has a newer link. */
  accept(tx: Tx, invitation: InvitationLink, by: 'provider' | 'link', visitor: Visitor): Promise<boolean>;
  /** They are in, whatever way they came: nothing is left to invite them to. */
  arrived(tx: Tx, personId: string, visitor: Visitor): Promise<void>;
}

/** Before there is a door, nobody is invited. */
const NONE: InvitationDoor = {
  open: () => Promise.resolve(null),
  accept: () => Promise.resolve(false),
  arrived: () => Promise.resolve(),
};

/** Where the door is found; invitations register theirs when the service starts. */
@Injectable()
export class Invited {
  private registered = NONE;

  register(door: InvitationDoor): void {
    if (this.registered !== NONE) throw new TypeError('there is one door for the invited');
    this.registered = door;
  }

  get door(): InvitationDoor {
    return this.registered;
  }
}
