import { z } from 'zod';
import { Id } from '../common/fields.js';

export const SignInSettingsView = z
  .strictObject({
    sso: z.boolean().describe('Whether the operator has switched single sign-on on.'),
    ssoEnforced: z.boolean().describe('Whoever is no exception signs in at the company and nowhere else.'),
    breakGlass: z
      .array(
        z.strictObject({
          personId: Id,
          email: z.string(),
          firstName: z.string().nullable(),
          lastName: z.string().nullable(),
          passkeys: z.number().int().describe('How many passkeys they have; without one they need the operator.'),
        }),
      )
      .describe('Who may sign in otherwise when the company’s sign-in is broken.'),
  })
  .meta({ id: 'SignInSettings' });
export type SignInSettingsView = z.infer<typeof SignInSettingsView>;

export const SetSignInSettings = z
  .strictObject({
    ssoEnforced: z.boolean(),
    breakGlass: z
      .array(Id)
      .max(3)
      .refine((ids) => new Set(ids).size === ids.length, 'names somebody twice'),
  })
  .meta({ id: 'SetSignInSettings' });
export type SetSignInSettings = z.infer<typeof SetSignInSettings>;
