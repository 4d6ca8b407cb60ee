import type { PublicSite } from '../config/public-site.js';
import type { SignInAddresses } from '../connectors/sign-in-preset.js';

/** Our addresses for one provider: of the configuration alone, never of a request (O-07). */
export function addressesOf(
  site: PublicSite,
  provider: { organisationId: string; id: string; clientId: string | null },
): SignInAddresses {
  const of = (what: string) => `${site.origin}/sign-in/${what}/${provider.organisationId}/${provider.id}`;
  return {
    redirectUri: of('callback'),
    initiateUri: of('initiate'),
    backChannelUri: of('back-channel-logout'),
    postLogoutUri: `${site.origin}/signed-out`,
    clientId: provider.clientId,
  };
}
