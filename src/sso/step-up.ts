import { z } from 'zod';

/** Whether people can show again at a provider who they are; it takes one that tells when they signed in there (O-73). */
export const StepUpView = z
  .strictObject({ possible: z.boolean(), sentence: z.string() })
  .nullable()
  .describe('Whether people can show again there who they are, as dangerous actions ask; null: no test has asked yet.');
export type StepUpView = z.infer<typeof StepUpView>;

const POSSIBLE = 'Before what is dangerous, people can show again here who they are.';
const IMPOSSIBLE =
  'Asked to, this provider does not sign people in anew and tell when that was (auth_time), so nobody can show again here who they are: before what is dangerous, people use a passkey, or sign out and in again.';

/** What somebody reads who wanted to show again who they are, and cannot there. */
export const NO_STEP_UP =
  'Your company’s sign-in does not tell when you signed in, so it cannot show again that it is you.';

export function stepUpView(stepsUp: boolean | null): StepUpView {
  return stepsUp === null ? null : { possible: stepsUp, sentence: stepsUp ? POSSIBLE : IMPOSSIBLE };
}

/** Whether an answer to "sign in anew" says when that was: not before it was asked, by our clock. */
export function showsAnew(authTime: Date | null, askedAt: Date, skewSeconds: number): boolean {
  return authTime !== null && authTime.getTime() >= Math.floor(askedAt.getTime() / 1000 - skewSeconds) * 1000;
}
