/** What of a proven identity says whose account it is and how it was shown. */
export interface ShownAccount {
  hostedDomain: string | null;
  tenant: string | null;
  acr: string | null;
  amr: readonly string[];
}

/** What an organisation's provider asks for. */
export interface AccountRules {
  requires: readonly ('hosted_domain' | 'tenant')[];
  /** Domains that accounts may be of; empty: any that is verified. */
  hostedDomains: readonly string[];
  /** Of the issuer; null where issuers have none. */
  tenant: string | null;
  acrValues: readonly string[];
  amrValues: readonly string[];
}

/**
 * Whether an account is the company's, where many companies share an issuer. The hosted domain must be in the token, one
 * that was asked for, and verified by this organisation (O-44): what a request asked for proves nothing.
 */
export function isOfTheCompany(shown: ShownAccount, rules: AccountRules, verified: ReadonlySet<string>): boolean {
  return rules.requires.every((what) =>
    what === 'tenant' ? shown.tenant !== null && shown.tenant === rules.tenant : isHosted(shown, rules, verified),
  );
}

function isHosted({ hostedDomain }: ShownAccount, { hostedDomains }: AccountRules, verified: ReadonlySet<string>) {
  if (hostedDomain === null) return false;
  const domain = hostedDomain.toLowerCase();
  return verified.has(domain) && (hostedDomains.length === 0 || hostedDomains.includes(domain));
}

/** O-74: one of the classes and all of the methods that were asked for. */
export function isStrongEnough({ acr, amr }: ShownAccount, { acrValues, amrValues }: AccountRules): boolean {
  const classed = acrValues.length === 0 || (acr !== null && acrValues.includes(acr));
  return classed && amrValues.every((method) => amr.includes(method));
}

/**
 * O-73: the time of authentication by which a session is renewed, told by the provider and judged by our clock: not
 * before it was asked for, and not in the future. Null: it is none.
 */
export function renewedAt(
  authTime: Date | null,
  { askedAt, now, skewMs }: { askedAt: Date; now: Date; skewMs: number },
): Date | null {
  if (authTime === null) return null;
  const at = authTime.getTime();
  if (!(at >= askedAt.getTime() - skewMs && at <= now.getTime() + skewMs)) return null;
  return new Date(Math.min(at, now.getTime()));
}
