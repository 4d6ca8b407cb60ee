import { Injectable } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AuthGuard, type AuthGuardAuthenticateOptions } from '@nestjs/passport';
import type { ExecutionContext } from '@nestjs/common';
import { OIDC } from './oidc.strategy.js';
import type { RelyingPartyStrategy } from './relying-party.strategy.js';
import { SignInFault } from './sign-in-fault.js';

/** All that Passport sees of a request: the judged query. */
interface ShownRequest {
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  party: RelyingPartyStrategy;
  user?: unknown;
}

/** Passport's part of a sign-in. It is run where an attempt is begun or ended, and not by a route: both know the provider first. */
@Injectable()
export class OidcGuard extends AuthGuard(OIDC) {
  /** Where to send the browser. */
  async begin(party: RelyingPartyStrategy): Promise<string> {
    const { redirectTo } = (await this.run(party, {})) as { redirectTo?: unknown };
    if (typeof redirectTo !== 'string') throw new TypeError('an attempt was begun and leads nowhere');
    return redirectTo;
  }

  /** What the exchange of the code has proven. @throws what the exchange threw. */
  async complete<Proven extends object>(
    party: RelyingPartyStrategy<Proven>,
    query: { code: string; state: string },
  ): Promise<Proven> {
    return (await this.run(party, { code: query.code, state: query.state })) as Proven;
  }

  override getAuthenticateOptions(context: ExecutionContext): AuthGuardAuthenticateOptions {
    return { session: false, party: context.switchToHttp().getRequest<ShownRequest>().party };
  }

  override handleRequest<User>(error: unknown, user: User | false | undefined): User {
    if (error instanceof Error) throw error;
    if (!user) throw new SignInFault('nonce', 'The answer does not fit the attempt.');
    return user;
  }

  private async run(party: RelyingPartyStrategy, query: Record<string, string>): Promise<unknown> {
    const request: ShownRequest = { query, headers: {}, party };
    await this.canActivate(new ExecutionContextHost([request, {}]));
    return request.user;
  }
}
