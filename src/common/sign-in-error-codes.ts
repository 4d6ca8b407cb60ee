import type { ErrorDescription } from './error-kinds.js';

/** The part of the codes that signing in, sessions and mail answer with; see `error-codes.ts`. */
export const SIGN_IN_CODES = {
  // Sessions
  'session.reauthentication_needed': {
    kind: 'forbidden',
    meaning: 'This needs a sign-in of the last minutes: sign in again, then send it again.',
  },
  'session.passkey_needed': {
    kind: 'forbidden',
    meaning: 'A link by mail alone does not open this for admins and operators: add a passkey, or sign in otherwise.',
  },
  'session.provider_cannot_step_up': {
    kind: 'forbidden',
    meaning:
      'The identity provider does not tell when somebody signed in, so nobody can show again there who they are; `ways` says how else.',
  },
  'session.not_found': { kind: 'not_found', meaning: 'There is no such session, or it has ended.' },
  'support.not_found': { kind: 'not_found', meaning: 'There is no such support session.' },
  'support.ended': { kind: 'forbidden', meaning: 'The support session in this organisation has ended.' },
  // Links and passkeys
  'sign_in.link_dead': {
    kind: 'forbidden',
    meaning: 'The link was used, is too old, or was asked for in another browser; ask for a new one.',
  },
  'passkey.not_found': { kind: 'not_found', meaning: 'There is no such passkey.' },
  'passkey.refused': {
    kind: 'unauthenticated',
    meaning: 'The passkey is not known here, or did not pass a check; sign in in another way.',
  },
  'passkey.last': {
    kind: 'conflict',
    meaning: 'An admin without another strong way to sign in keeps one passkey; add another one first.',
  },
  'passkey.too_many': { kind: 'conflict', meaning: 'The person has as many passkeys as they may; remove one first.' },
  // Mail
  'mail.not_found': { kind: 'not_found', meaning: 'There is no such mail that waits, or its text is no longer kept.' },
  'mail.address_invalid': {
    kind: 'invalid',
    meaning: 'Mail goes to exactly one address: no list, no name, no comment, and in its canonical form.',
  },
  // Identity providers and signing in at them
  'identity_provider.not_found': { kind: 'not_found', meaning: 'There is no such identity provider.' },
  'identity_provider.changed': {
    kind: 'conflict',
    meaning: 'Somebody changed the identity provider meanwhile; read it again.',
  },
  'identity_provider.secret_needed': {
    kind: 'invalid',
    meaning: 'The client secret has to be given again: issuer, client or token endpoint are others than it was for.',
  },
  'identity_provider.discovery_failed': {
    kind: 'unprocessable',
    meaning: 'What the issuer says of itself cannot be read, or names addresses that are not called.',
  },
  'identity_provider.issuer_mismatch': {
    kind: 'unprocessable',
    meaning: 'The issuer calls itself by another name; give it exactly as it writes itself.',
  },
  'identity_provider.untested': {
    kind: 'conflict',
    meaning: 'Enable it after a test sign-in has passed with the present settings.',
  },
  'identity_provider.too_many': {
    kind: 'conflict',
    meaning: 'The organisation has as many identity providers as it may.',
  },
  'identity_provider.setting_invalid': {
    kind: 'invalid',
    meaning: 'A setting does not fit this kind of identity provider; the message says which.',
  },
  'identity_provider.test_not_found': {
    kind: 'not_found',
    meaning: 'There is no such test sign-in, or it is too long ago.',
  },
  'identity.not_found': {
    kind: 'not_found',
    meaning: 'No account at this identity provider is tied to the person.',
  },
  'sign_in.attempt_dead': {
    kind: 'invalid',
    meaning: 'The sign-in is over, too old, or was begun in another browser; start again.',
  },
  'sign_in.provider_refused': { kind: 'forbidden', meaning: 'The identity provider did not let the person through.' },
  'sign_in.answer_refused': {
    kind: 'forbidden',
    meaning: 'What came back from the identity provider did not pass a check; the audit log says which.',
  },
  'sign_in.provider_failed': {
    kind: 'unavailable',
    meaning: 'The identity provider does not answer, or not as it should.',
  },
  'sign_in.logout_token_invalid': {
    kind: 'invalid',
    meaning: 'The logout token did not pass a check; nothing was ended.',
  },
  'sign_in.refused': {
    kind: 'forbidden',
    meaning: 'The person is not let in; `reason` says why, the sentence what to do.',
  },
  'feature.off': { kind: 'conflict', meaning: 'The operator has not switched this feature on for the organisation.' },
} as const satisfies Record<string, ErrorDescription>;
