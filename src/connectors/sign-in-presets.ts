import { genericSignIn } from './generic-sign-in.js';
import { googleSignIn } from './google/sign-in.js';
import { microsoftSignIn } from './microsoft/sign-in.js';
import { oktaSignIn } from './okta/sign-in.js';
import type { SignInPreset } from './sign-in-preset.js';

/** Every kind of identity provider, in the order in which they are offered. */
const PRESETS: ReadonlyMap<string, SignInPreset> = new Map(
  [oktaSignIn, googleSignIn, microsoftSignIn, genericSignIn].map((preset) => [preset.preset, preset]),
);

export function signInPresets(): SignInPreset[] {
  return [...PRESETS.values()];
}

/** Null for one that there is none of. */
export function signInPreset(name: string): SignInPreset | null {
  return PRESETS.get(name) ?? null;
}
