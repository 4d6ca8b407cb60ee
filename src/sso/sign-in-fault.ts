/** Why a sign-in at a provider failed: a closed list, for the audit log. Who signs in is told less. */
export type FaultCause =
  | 'state'
  | 'other_browser'
  | 'other_provider'
  | 'closed'
  /** Another one answers where the provider's issuer should. */
  | 'issuer'
  /** The browser came back with another issuer's name, or without one (RFC 9207). */
  | 'answer_issuer'
  | 'error_answer'
  | 'token_answer'
  /** The provider does not take our client id and secret. */
  | 'client_refused'
  | 'signature'
  | 'algorithm'
  | 'key'
  | `claims_${string}`
  /** Asked when somebody signed in, the provider does not tell. */
  | 'no_auth_time'
  | 'nonce'
  | 'time'
  | 'audience'
  | 'userinfo_answer'
  | 'userinfo_subject'
  | 'discovery'
  | 'token_host'
  | 'secret_missing'
  | 'provider_unreachable'
  | 'provider_slow';

/** A check of a sign-in failed. The message is for the log: it holds nothing that a provider has sent. */
export class SignInFault extends Error {
  override readonly name = 'SignInFault';

  constructor(
    readonly because: FaultCause,
    message: string,
    options?: ErrorOptions,
    /** Closed codes, for the audit log and the reader. */
    readonly detail: Readonly<Record<string, string>> = {},
  ) {
    super(message, options);
  }
}

/** What is the provider's own trouble, whoever signs in: it is shown to the admins. */
const OF_THE_PROVIDER: ReadonlySet<FaultCause> = new Set([
  'issuer',
  'discovery',
  'token_host',
  'secret_missing',
  'client_refused',
  'provider_unreachable',
  'provider_slow',
]);

export function isOfTheProvider(because: FaultCause): boolean {
  return OF_THE_PROVIDER.has(because);
}
