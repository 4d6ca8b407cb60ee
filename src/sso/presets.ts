import type { SignInPreset } from '../connectors/sign-in-preset.js';
import { signInPreset } from '../connectors/sign-in-presets.js';

/** The preset of a stored provider. @throws {TypeError} when this release has it no more: our bug. */
export function presetOf(provider: { preset: string }): SignInPreset {
  const preset = signInPreset(provider.preset);
  if (preset === null) throw new TypeError(`there is no preset ${provider.preset}`);
  return preset;
}

/** The second form in which tokens may name this issuer (O-37). */
export function aliasOf(preset: SignInPreset, issuer: string): string | null {
  return preset.issuer.kind === 'fixed' && preset.issuer.value === issuer ? preset.issuer.alias : null;
}
