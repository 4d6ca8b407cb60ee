/** What came back from a provider, judged by its shape alone. */
export type CallbackQuery =
  | { kind: 'code'; state: string; code: string; issuer: string | null }
  | { kind: 'error'; state: string; error: OAuthError; issuer: string | null };

/** The codes of RFC 6749 §4.1.2.1 and of OpenID Connect Core §3.1.2.6; whatever else came is `other`. */
const OAUTH_ERRORS = [
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
  'request_not_supported',
] as const;

export type OAuthError = (typeof OAUTH_ERRORS)[number] | 'other';

const LONGEST_QUERY = 4_096;
const MOST_PARAMETERS = 20;
const LONGEST_STATE = 100;
const LONGEST_CODE = 2_048;
const LONGEST_ISSUER = 1_000;
const LONGEST_ERROR = 200;

/** Printable ASCII, as RFC 6749 appendix A has codes, states and errors. */
const PRINTABLE = /^[\x20-\x7E]+$/u;

/**
 * Reads the query with which a browser comes back (O-08): state, and either code or error, each once. Other parameters
 * (`session_state`, `scope`, …) are a provider's own and are not looked at; what it says in words is never kept.
 *
 * @param search The query as received, undecoded, with or without its question mark.
 * @returns Null for any other shape: then nothing is known of whose sign-in it is.
 */
export function readCallbackQuery(search: string): CallbackQuery | null {
  if (search.length > LONGEST_QUERY) return null;
  const parameters = new URLSearchParams(search);
  if ([...parameters].length > MOST_PARAMETERS) return null;
  const state = once(parameters, 'state', LONGEST_STATE);
  const code = once(parameters, 'code', LONGEST_CODE);
  const error = once(parameters, 'error', LONGEST_ERROR);
  const issuer = once(parameters, 'iss', LONGEST_ISSUER);
  if (state === BAD || code === BAD || error === BAD || issuer === BAD) return null;
  if (state === null || (code === null) === (error === null)) return null;
  if (code !== null) return { kind: 'code', state, code, issuer };
  return { kind: 'error', state, error: OAUTH_ERRORS.find((known) => known === error) ?? 'other', issuer };
}

const BAD = Symbol('bad');

/** Null: it is not there. */
function once(parameters: URLSearchParams, name: string, longest: number): string | null | typeof BAD {
  const values = parameters.getAll(name);
  const value = values[0];
  if (value === undefined) return null;
  return values.length === 1 && value.length <= longest && PRINTABLE.test(value) ? value : BAD;
}
