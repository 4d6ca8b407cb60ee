import { RollcallError } from '../common/errors.js';
import type { Caller, Scope } from './auth.types.js';
import type { RoutePolicy, RouteSetUp } from './requires.decorator.js';

/** A route as far as it decides who may use it. */
export interface GuardedRoute {
  policy: Exclude<RoutePolicy, { public: string }>;
  setUp: RouteSetUp | null;
  /** Open from within a support session although it is about the operator, not about the organisation. */
  inSupport: boolean;
  /** The parts of the path. */
  params: Readonly<Record<string, unknown>>;
}

/**
 * Whether a caller may use a route. What is not allowed here is refused.
 *
 * @throws {RollcallError} `request.forbidden`, `session.passkey_needed`, `support.ended`
 */
export function assertMay(caller: Caller, route: GuardedRoute): void {
  const { policy } = route;
  if (caller.setUp !== null) return assertSetUp(caller.setUp, caller.scopes, route);
  if ('scope' in policy) return assertScope(caller, policy.scope);
  if (caller.kind !== 'session') throw forbidden('This address is for people who are signed in, not for API keys.');
  if ('operator' in policy) {
    if (caller.operator === null) throw forbidden('Only operators of this installation can do this.');
    if (caller.strength === 'link') throw passkeyNeeded();
  }
  if (caller.operator !== null && caller.operator.supportSessionId !== null && !route.inSupport)
    throw forbidden('End the support session first: this is about yourself.');
}

function assertScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.has(scope)) return;
  if (caller.kind === 'key') throw forbidden(`This API key does not have the scope ${scope}.`, scope);
  if (caller.strength === 'link' && (caller.role === 'admin' || caller.operator !== null)) throw passkeyNeeded();
  if (caller.operator?.supportOver === true)
    throw new RollcallError('support.ended', 'The support session has ended; begin a new one to go on.');
  throw forbidden(
    caller.operator !== null && caller.operator.supportSessionId !== null
      ? 'Support does not include this; ask an admin of the organisation.'
      : 'Only admins can do this.',
    scope,
  );
}

function assertSetUp(by: NonNullable<Caller['setUp']>, scopes: Caller['scopes'], route: GuardedRoute): void {
  const { policy, setUp, params } = route;
  if (setUp === null || !('scope' in policy) || !by.kinds.includes(setUp.kind) || !scopes.has(policy.scope))
    throw forbidden('The set-up link does not include this; ask an admin of the organisation.');
  // The same for what is not there: a link tells nothing of what others made.
  const { owns } = setUp;
  if (owns !== null && !by.objects.includes(String(params[owns])))
    throw forbidden('The set-up link reaches only what was made with it.');
}

function forbidden(sentence: string, scope?: Scope): RollcallError {
  return new RollcallError('request.forbidden', sentence, scope === undefined ? undefined : { scope });
}

function passkeyNeeded(): RollcallError {
  return new RollcallError(
    'session.passkey_needed',
    'A link by mail is not enough for this: add a passkey, or sign in with your company’s sign-in.',
  );
}
