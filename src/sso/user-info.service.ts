import { Injectable } from '@nestjs/common';
import { objectOf, type ProviderAnswer, ProviderHttp, ProviderRefused } from './provider-http.js';
import { SignInFault } from './sign-in-fault.js';
import type { Claims } from './token-claims.js';

/** Asks for what an ID token leaves out. It adds to the token and never overrules it. */
@Injectable()
export class UserInfo {
  constructor(private readonly http: ProviderHttp) {}

  /**
   * @param subject The token's own `sub`: another one ends the sign-in (O-28).
   * @throws {SignInFault} `userinfo_answer`, `userinfo_subject`, or `provider_…`
   */
  async read(endpoint: string, accessToken: string, subject: string): Promise<Claims> {
    const claims = claimsOf(await this.ask(endpoint, accessToken));
    if (typeof claims['sub'] !== 'string' || claims['sub'] !== subject)
      throw new SignInFault('userinfo_subject', 'UserInfo speaks of somebody else than the token.');
    return claims;
  }

  private async ask(endpoint: string, accessToken: string): Promise<ProviderAnswer> {
    try {
      return await this.http.ask('document', endpoint, { headers: { authorization: `Bearer ${accessToken}` } });
    } catch (error) {
      if (error instanceof ProviderRefused) throw new SignInFault('userinfo_answer', error.message, { cause: error });
      throw error;
    }
  }
}

function claimsOf(answer: ProviderAnswer): Claims {
  if (answer.status === 429 || answer.status >= 500)
    throw new SignInFault('provider_unreachable', 'UserInfo does not answer at the moment.');
  const claims = answer.status === 200 && answer.mediaType === 'application/json' ? objectOf(answer.text) : null;
  if (claims === null) throw new SignInFault('userinfo_answer', 'UserInfo answers with no JSON object.');
  return claims;
}
