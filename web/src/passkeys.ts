import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnError,
  type PublicKeyCredentialHint,
} from '@simplewebauthn/browser';
import { api, Refused, unwrap, type Schemas } from './api.js';
import { TEXTS } from './texts.js';

type Used = Schemas['StepUpWithPasskey']['response'];

/** Signs in by passkey. @returns Where to go. */
export async function signInByPasskey(returnTo: { returnTo?: string }): Promise<string> {
  assertKnown();
  const options = unwrap(await api.POST('/api/v1/sign-in/passkey/options'));
  const response = await proof(options);
  return unwrap(await api.POST('/api/v1/sign-in/passkey', { body: { response, ...returnTo } })).returnTo;
}

/** Shows once more who one is; what is dangerous may be done for some minutes. */
export async function stepUpByPasskey(): Promise<void> {
  assertKnown();
  const next = unwrap(await api.POST('/api/v1/session/reauthenticate', { body: { with: 'passkey' } }));
  if (next.next !== 'passkey') throw new TypeError('a passkey was asked for, and something else offered');
  const response = await proof(next.options);
  unwrap(await api.POST('/api/v1/session/passkey', { body: { response } }));
}

/** Makes a passkey on this device and adds it to oneself. */
export async function addPasskey(name: string): Promise<void> {
  assertKnown();
  const options = unwrap(await api.POST('/api/v1/me/passkeys/options'));
  const hints = options.hints as PublicKeyCredentialHint[];
  const made = await asked(() => startRegistration({ optionsJSON: { ...options, hints } }));
  const { id, rawId, type } = made;
  const { clientDataJSON, attestationObject, transports } = made.response;
  const response = { clientDataJSON, attestationObject, ...(transports === undefined ? {} : { transports }) };
  unwrap(await api.POST('/api/v1/me/passkeys', { body: { name, response: { id, rawId, type, response } } }));
}

async function proof(options: Schemas['PasskeyRequest']): Promise<Used> {
  const { id, rawId, type, response } = await asked(() => startAuthentication({ optionsJSON: options }));
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  const owner = userHandle === undefined ? {} : { userHandle };
  return { id, rawId, type, response: { clientDataJSON, authenticatorData, signature, ...owner } };
}

function assertKnown(): void {
  if (!browserSupportsWebAuthn()) throw refusal('passkey_unable', TEXTS.passkey.unable);
}

/** What a person does with their device; to think better of it is no fault. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')
      throw refusal('passkey_there', TEXTS.passkey.there);
    if (error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError'))
      throw refusal('passkey_cancelled', TEXTS.passkey.cancelled);
    throw error;
  }
}

function refusal(code: string, detail: string): Refused {
  return new Refused({ status: 0, code, detail, requestId: null });
}
