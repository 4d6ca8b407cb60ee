import type { Actor } from '../audit/audit.types.js';
import type { Language } from '../mail/languages.js';

export type { Language };

/** Who invites, as it was when they asked; whether they still may is judged again when the invitation is used. */
export interface Inviter {
  actor: Actor;
  /** The admin who asked, or who stands behind the key; null for the operator at the command line. */
  personId: string | null;
  keyId: string | null;
  /** As the mail says it. */
  name: string;
}

/** Who a confirmed file of people invites: everybody of one batch, in the batch's own transaction. */
export interface ImportOrder {
  importId: string;
  people: readonly { personId: string; emailCanonical: string; isAdmin: boolean }[];
  by: Inviter;
  message: string | null;
  language: Language;
}

export interface SendingForecast {
  waiting: number;
  perMinute: number;
  /** When the last one would go out; null where none waits. */
  until: Date | null;
}

export type { ClosedBecause, InvitationState } from './invitations.states.js';
