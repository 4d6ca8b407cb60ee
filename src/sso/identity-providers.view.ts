import { instant, instantOrNull } from '../common/fields.js';
import type { PublicSite } from '../config/public-site.js';
import { signInPresets } from '../connectors/sign-in-presets.js';
import { addressesOf } from './addresses.js';
import type { IdentityProviderView, PresetsView, ProviderStepsView } from './identity-providers.dto.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { presetOf } from './presets.js';
import { defaultSettings } from './provider-settings.js';
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

export function toView(provider: IdentityProvider, site: PublicSite): IdentityProviderView {
  const { problem } = provider;
  return {
    id: provider.id,
    preset: provider.preset,
    name: provider.name,
    issuer: provider.issuer,
    clientId: provider.clientId,
    state: provider.state,
    settings: provider.settings,
    secretSetAt: instantOrNull(provider.secretAt),
    connectionId: provider.connectionId,
    domains: [...provider.domains],
    testedAt: instantOrNull(provider.testedAt),
    problem:
      problem === null
        ? null
        : { ...problem, message: MENDS[problem.code] ?? 'Its answers cannot be used; test the sign-in.' },
    redirectUri: addressesOf(site, provider).redirectUri,
    jwksUri: `${site.origin}/sign-in/jwks/${provider.organisationId}/${provider.id}`,
    backChannelLogout: provider.discovery?.backChannelLogout ?? false,
    version: provider.version,
    createdAt: instant(provider.createdAt),
  };
}

export function stepsOf(provider: IdentityProvider, site: PublicSite): ProviderStepsView {
  return { items: presetOf(provider).steps(addressesOf(site, provider)) };
}

export function presetsView(): PresetsView {
  return {
    items: signInPresets().map((preset) => ({
      preset: preset.preset,
      title: preset.title,
      issuer: preset.issuer.kind === 'fixed' ? preset.issuer.value : null,
      issuerHint: preset.issuer.kind === 'asked' ? preset.issuer.hint : null,
      settings: defaultSettings(preset),
      provider: preset.provider,
    })),
  };
}
