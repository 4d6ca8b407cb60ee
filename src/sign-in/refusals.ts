import { RollcallError } from '../common/errors.js';

/**
 * Why somebody who signs in is not let in, and what they read. The list is closed: a code that was published keeps its
 * meaning.
 */
export const REFUSALS = {
  closed: 'Single sign-on is switched off for this organisation. Ask your admin.',
  other_account: "This account is not one of your company's. Sign out there and choose your work account.",
  left: "Your company's directory says that you have left. If that is wrong, ask your IT.",
  suspended: "Your account is suspended in your company's directory. Ask your IT.",
  out_of_scope: 'You are not among the people whom your company shares with this service. Ask your admin to add you.',
  invited: 'You are invited. Open the link in the mail that you got, and accept there.',
  not_invited:
    'This invitation was sent to another address than the one of your account, or it is over. Use the account of that address, or ask for a new invitation.',
  pending: 'You are set up, but not invited yet. Your admin will tell you when to start.',
  archived: 'Your access has ended. If you are back, ask your admin to restore you.',
  other_subject: 'This account is new to us, and another one of yours is known. Ask your admin.',
  not_yet: 'You are being set up. Try again in a minute.',
  not_yet_confirmed: 'Your company is still setting this up. Ask your admin.',
  held: 'Your admin has to decide about you first.',
  link_from_session: 'For your safety, sign in as before once and connect this account under "Ways to sign in".',
  unknown: 'We do not know this account here. Ask your admin to add you.',
  other_person: 'You signed in as somebody else. Use the account that you are signed in with.',
  too_weak: 'Your company asks for a stronger sign-in. Sign in again with your second factor.',
  stale: 'Your company did not ask you to sign in anew. Sign out there, then try again.',
  sso_enforced: "Your organisation signs in through your company's own sign-in. Use that one.",
} as const;

export type Refusal = keyof typeof REFUSALS;

/** What whoever is not let in gets to read; never more than the sentence and its code. */
export function refused(because: Refusal): RollcallError {
  return new RollcallError('sign_in.refused', REFUSALS[because], { reason: because });
}

/** Why, when an error is such a refusal; null for every other. */
export function refusalIn(error: unknown): Refusal | null {
  const reason = error instanceof RollcallError && error.code === 'sign_in.refused' ? error.details?.['reason'] : null;
  return typeof reason === 'string' && Object.hasOwn(REFUSALS, reason) ? (reason as Refusal) : null;
}
