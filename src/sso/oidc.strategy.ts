import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import passport from 'passport';
import type { RelyingPartyStrategy } from './relying-party.strategy.js';

export const OIDC = 'rollcall-oidc';

/**
 * What Passport has registered: without a state of its own, because Passport keeps one registry per process. The strategy
 * that does the work is made anew for each request and comes with the options.
 */
@Injectable()
export class OidcStrategy extends PassportStrategy(passport.Strategy, OIDC) {
  override authenticate(request: Request, { party }: { party: RelyingPartyStrategy }): void {
    party.success = (user: object) => this.success(user);
    party.fail = () => this.fail(403);
    party.error = (error: Error) => this.error(error);
    // The guard never ends on a redirect; the address is handed back instead, and whoever asked sends the browser.
    party.redirect = (url: string) => this.success({ redirectTo: url });
    party.authenticate(request, {});
  }

  /** Never called: nothing is verified by this strategy itself. */
  validate(): never {
    throw new TypeError('the registered strategy verifies nothing');
  }
}
