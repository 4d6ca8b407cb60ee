import { canonicalDomain } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import type { SignInPreset } from '../connectors/sign-in-preset.js';
import type { IdentityProviderSettings } from './identity-providers.types.js';

type Change = { [Key in keyof IdentityProviderSettings]?: IdentityProviderSettings[Key] | undefined };

/** What a new provider of a preset gets. */
export function defaultSettings(preset: SignInPreset): IdentityProviderSettings {
  return {
    clientAuth: preset.clientAuth[0],
    algorithms: [...preset.algorithms],
    trustedAudiences: [],
    acrValues: [],
    amrValues: [],
    hostedDomains: [],
    emailVerifiedAsText: preset.emailVerifiedAsText,
    linkByEmail: preset.mayLinkByEmail,
    justInTime: false,
    maxSessionHours: null,
  };
}

/** @throws {RollcallError} `identity_provider.setting_invalid` for what the preset does not have. */
export function changeSettings(
  preset: SignInPreset,
  before: IdentityProviderSettings,
  change: Change = {},
): IdentityProviderSettings {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after: IdentityProviderSettings = { ...before, ...given };
  if (!preset.clientAuth.includes(after.clientAuth))
    throw invalid(`${preset.title} does not know us by ${after.clientAuth}.`);
  if (!after.algorithms.every((algorithm) => preset.algorithms.includes(algorithm)))
    throw invalid(`${preset.title} signs with ${preset.algorithms.join(', ')} alone.`);
  if (after.linkByEmail && !preset.mayLinkByEmail)
    throw invalid(`An address at ${preset.title} proves nothing, so nobody is tied by it.`);
  if (after.justInTime && !preset.mayLinkByEmail)
    throw invalid(`An address at ${preset.title} proves nothing, so nobody is made by it.`);
  // A quirk of some bridges in front of a provider, which no preset of a vendor has (O-30).
  if (after.emailVerifiedAsText && !preset.emailVerifiedAsText && preset.provider !== null)
    throw invalid(`${preset.title} says in no other way than true that an address is verified.`);
  if (after.hostedDomains.length > 0 && !preset.requires.includes('hosted_domain'))
    throw invalid(`Accounts at ${preset.title} name no domain.`);
  return { ...after, hostedDomains: canonicalDomains(after.hostedDomains) };
}

/** @throws {RollcallError} `identity_provider.setting_invalid` */
export function canonicalDomains(names: readonly string[]): string[] {
  const domains = names.map((name) => {
    const domain = canonicalDomain(name);
    if (domain === null) throw invalid('One of the domains is none.');
    return domain;
  });
  return [...new Set(domains)];
}

/** Settings by which answers are judged: with others, an earlier test says nothing. */
export function judgesDifferently(before: IdentityProviderSettings, after: IdentityProviderSettings): boolean {
  const judging = ['clientAuth', 'algorithms', 'trustedAudiences', 'acrValues', 'amrValues', 'hostedDomains'] as const;
  return judging.some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

function invalid(message: string): RollcallError {
  return new RollcallError('identity_provider.setting_invalid', message);
}
