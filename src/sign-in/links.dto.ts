import { z } from 'zod';
import { line } from '../common/fields.js';

export const AskForLink = z
  .strictObject({ email: z.string().min(1).max(320), returnTo: z.string().max(2_000).optional() })
  .meta({ id: 'AskForLink' });
export type AskForLink = z.infer<typeof AskForLink>;

/** The same for everybody. */
export const LinkSent = z
  .strictObject({ next: z.literal('link_sent') })
  .meta({ id: 'LinkSent', description: 'Says nothing of whether anybody has the address.' });
export type LinkSent = z.infer<typeof LinkSent>;

export const UseLink = z
  .strictObject({ token: z.string().min(1).max(100).describe('What stands behind the # of the link.') })
  .meta({ id: 'UseLink' });
export type UseLink = z.infer<typeof UseLink>;

export const FirstOperator = z
  .strictObject({
    token: z.string().min(1).max(100),
    email: z.string().min(1).max(320),
    firstName: line(100),
    lastName: line(100),
  })
  .meta({ id: 'FirstOperator' });
export type FirstOperator = z.infer<typeof FirstOperator>;

export const SignedInView = z
  .strictObject({ returnTo: z.string().describe('Path of this installation to go to now.') })
  .meta({ id: 'SignedIn' });
export type SignedInView = z.infer<typeof SignedInView>;
