import type { FaultCause } from './sign-in-fault.js';

const MENDS: Partial<Record<FaultCause, string>> = {
  issuer: 'Another issuer answers at its address; compare the issuer with what the provider writes.',
  discovery: 'What the issuer says of itself cannot be used; ask the provider’s admin.',
  token_host: 'Its token endpoint has moved to another host; set the client secret again if that is right.',
  secret_missing: 'There is no client secret for the way in which we show who we are; set it.',
  client_refused:
    'The provider does not take the client id and secret; it may have expired: make a new one there and set it.',
  provider_unreachable: 'It does not answer; ask the provider’s admin whether it is down.',
  provider_slow: 'It takes too long to answer; ask the provider’s admin whether it is busy.',
};

/** What an admin can do about a problem of a provider, as one sentence. */
export function mendOf(code: FaultCause): string {
  return MENDS[code] ?? 'Its answers cannot be used; test the sign-in.';
}
