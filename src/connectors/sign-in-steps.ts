import type { SetUpStep } from './kind.js';
import type { SignInAddresses } from './sign-in-preset.js';

/** The last steps of every preset: what is copied back here, and the proof that it works. */
export function closingSteps(copyFrom: string, addresses: SignInAddresses): SetUpStep[] {
  return [
    {
      title: 'Copy the client id and secret',
      text: `${copyFrom} The secret is stored sealed and never shown again.`,
      values: addresses.clientId === null ? {} : { 'Client id': addresses.clientId },
    },
    {
      title: 'Test the sign-in',
      text: 'Press “Test sign-in” and sign in with your own account: you see what came back and what would happen. Then enable it.',
      values: {},
    },
  ];
}
