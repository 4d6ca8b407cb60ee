/** passport-openidconnect 0.1.2 has no types; these are of what is used here. */
declare module 'passport-openidconnect' {
  import type { Request } from 'express';

  type Done = (error: Error | null, user?: object | false, info?: object) => void;

  export interface StateStore {
    store(
      request: Request,
      context: object,
      state: unknown,
      meta: object,
      done: (error: Error | null, state?: string) => void,
    ): void;
    verify(
      request: Request,
      state: string,
      done: (error: Error | null, context?: object | false, state?: unknown) => void,
    ): void;
  }

  export interface StrategyOptions {
    issuer: string;
    authorizationURL: string;
    tokenURL: string;
    clientID: string;
    clientSecret: string;
    callbackURL: string;
    scope: string[];
    skipUserProfile: boolean;
    store: StateStore;
  }

  export interface TokenClient {
    _authorizeUrl: string;
    _accessTokenUrl: string;
    _clientId: string;
    getOAuthAccessToken(
      code: string,
      parameters: object,
      done: (error: Error | null, accessToken?: string, refreshToken?: string, answer?: { id_token: string }) => void,
    ): void;
  }

  export class Strategy {
    authenticate(request: Request, options: object): void;
    success(user: object): void;
    fail(challenge?: unknown, status?: number): void;
    error(error: Error): void;
    redirect(url: string, status?: number): void;
    constructor(
      options: StrategyOptions,
      verify: (issuer: string, profile: object, context: object, idToken: string, done: Done) => void,
    );
    _oauth2: TokenClient;
    authorizationParams(options: object): Record<string, string | number>;
  }
}
