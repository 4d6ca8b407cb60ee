import { ConnectorError } from '../errors.js';
import { retrying } from '../retry.js';
import type { GoogleAccess } from './google-access.js';
import { OAUTH, PRIVILEGE, type OAuthScope } from './oauth-scopes.js';
import { TokenRefused } from './token-failures.js';

/** Null when this one scope is delegated; else why not. @throws {ConnectorError} for everything else. */
export async function refusalOfScope(
  access: GoogleAccess,
  scope: OAuthScope,
  signal: AbortSignal,
): Promise<TokenRefused | null> {
  try {
    await retrying(() => access.tokens.get([scope], signal), access.patience, signal);
    return null;
  } catch (error) {
    if (error instanceof TokenRefused && error.refusal === 'not_delegated') return error;
    throw error;
  }
}

/**
 * Gets the token that all reads use. One scope that is not delegated makes Google refuse them all without saying
 * which; each is then asked for alone, so that the sentence can name it.
 *
 * @throws {ConnectorError} `unauthorized`
 */
export async function requireToken(access: GoogleAccess, signal: AbortSignal): Promise<void> {
  try {
    await retrying(() => access.tokens.get(access.scopes, signal), access.patience, signal);
  } catch (error) {
    if (!(error instanceof TokenRefused) || error.refusal !== 'not_delegated' || access.scopes.length === 1)
      throw error;
    for (const scope of access.scopes) {
      const refusal = await refusalOfScope(access, scope, signal);
      if (refusal !== null) throw refusal;
    }
    throw error;
  }
}

export interface Subject {
  customerId: string;
  isSuperAdmin: boolean;
}

/** @throws {ConnectorError} `unauthorized` when the subject is no admin, or of another customer than was chosen. */
export async function confirmSubject(access: GoogleAccess, signal: AbortSignal): Promise<Subject> {
  const { customerId, isAdmin, isDelegatedAdmin } = await access.reads.subject(access.subject, signal);
  if (typeof customerId !== 'string' || !/^[A-Za-z0-9_-]{2,40}$/u.test(customerId)) {
    throw new ConnectorError('bad_response', 'Google does not say which customer the subject belongs to.');
  }
  const { customer } = access.scope;
  if (customer !== undefined && customer !== customerId) {
    throw new ConnectorError(
      'unauthorized',
      `The subject belongs to the customer ${customerId}, not to ${customer}; correct the customer id or name an admin of that customer.`,
    );
  }
  if (isAdmin !== true && isDelegatedAdmin !== true) {
    throw new ConnectorError(
      'unauthorized',
      `The subject is not an admin; give it an admin role with the privileges ${access.scopes.map((scope) => PRIVILEGE[scope]).join(', ')}.`,
    );
  }
  return { customerId, isSuperAdmin: isAdmin === true };
}

/**
 * Domains that Google has verified for the customer. Null where it cannot tell: the scope for it is optional, and so
 * is the privilege.
 */
export async function domainsIfGranted(access: GoogleAccess, signal: AbortSignal): Promise<string[] | null> {
  if ((await refusalOfScope(access, OAUTH.domains, signal)) !== null) return null;
  try {
    return await access.reads.verifiedDomains(signal);
  } catch (error) {
    if (error instanceof ConnectorError && error.failure === 'unauthorized') return null;
    throw error;
  }
}

/** The beginning of the very list that a read goes through: a subject may read itself and nobody else; this tells. */
export async function firstUsers(access: GoogleAccess, signal: AbortSignal): Promise<unknown[]> {
  const { query, fields } = access.records;
  const page = await access.reads.usersPage({ ...query, maxResults: 1, fields: `users(${fields})` }, null, signal);
  return page.items;
}
