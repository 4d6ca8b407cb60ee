import { SignInFault } from './sign-in-fault.js';

/**
 * O-61: all that a provider is asked in one sign-in, together: each answer may come in time, and all of them too late.
 *
 * @throws {SignInFault} `provider_slow`; what is still under way ends by its own limits.
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_done, fail) => {
    timer = setTimeout(() => fail(new SignInFault('provider_slow', 'The provider took too long.')), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
