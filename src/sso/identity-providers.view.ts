import { instant, instantOrNull } from '../common/fields.js';
import type { PublicSite } from '../config/public-site.js';
import { signInPresets } from '../connectors/sign-in-presets.js';
import { addressesOf } from './addresses.js';
import type { IdentityProviderView, PresetsView, ProviderStepsView } from './identity-providers.dto.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { presetOf } from './presets.js';
import { mendOf } from './provider-problems.js';
import { defaultSettings } from './provider-settings.js';
import { stepUpView } from './step-up.js';

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
    stepUp: stepUpView(provider.stepsUp),
    problem: problem === null ? null : { ...problem, message: mendOf(problem.code) },
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

/** @param id Of the provider that may be made next. */
export function presetsView(organisationId: string, id: string, site: PublicSite): PresetsView {
  const addresses = addressesOf(site, { organisationId, id, clientId: null });
  return {
    id,
    items: signInPresets().map((preset) => ({
      preset: preset.preset,
      title: preset.title,
      issuer: preset.issuer.kind === 'fixed' ? preset.issuer.value : null,
      issuerHint: preset.issuer.kind === 'asked' ? preset.issuer.hint : null,
      settings: defaultSettings(preset),
      provider: preset.provider,
      steps: preset.steps(addresses),
    })),
  };
}
