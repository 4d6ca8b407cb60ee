export type MailTemplate =
  'sign_in_link' | 'sign_in_with_provider' | 'new_sign_in' | 'factor_changed' | 'address_changed';

/** Mail to be sent. */
export interface MailOrder {
  template: MailTemplate;
  /** Why: the same cause twice is one mail. */
  cause: string;
  to: string;
  personId: string | null;
  values: Record<string, string | string[]>;
}
