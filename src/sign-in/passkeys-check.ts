import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { messageOf } from '../common/errors.js';
import type { PublicSite } from '../config/public-site.js';
import { PasskeyCreation, PasskeyRequest, type AddPasskey, type PasskeyUsed } from './passkeys.dto.js';

/** ES256, EdDSA, RS256: what browsers and their devices have. */
const ALGORITHMS = [-7, -8, -257];
const TIMEOUT_MS = 120_000;

/** A passkey that passed all checks when it was made. */
export interface CheckedPasskey {
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  backedUp: boolean;
}

/** Why a passkey was refused; `error` is for the log. */
export interface PasskeyFault {
  because: 'check' | 'signature' | 'counter';
  error: string;
}

export interface KnownPasskey {
  credentialId: string;
  publicKey: Uint8Array;
  counter: number;
}

const ClientData = z.looseObject({ challenge: z.string(), crossOrigin: z.boolean().optional() });

/**
 * The challenge that an answer says it answers, which is to be looked up; null for what is no answer, or was given in a
 * frame of another site.
 */
export function challengeOf(clientDataJSON: string): Buffer | null {
  try {
    const data = ClientData.parse(JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')));
    return data.crossOrigin === true ? null : Buffer.from(data.challenge, 'base64url');
  } catch {
    // Not JSON, or not of this shape: then it is no answer.
    return null;
  }
}

export async function creationOptions(
  site: PublicSite,
  order: {
    challenge: Buffer;
    user: { handle: Buffer; name: string; displayName: string };
    known: readonly { credentialId: string; transports: readonly string[] }[];
  },
): Promise<PasskeyCreation> {
  const options = await generateRegistrationOptions({
    rpName: 'Rollcall',
    rpID: rpIdOf(site),
    userID: new Uint8Array(order.user.handle),
    userName: order.user.name,
    userDisplayName: order.user.displayName,
    challenge: new Uint8Array(order.challenge),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    excludeCredentials: order.known.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: [...transports],
    })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  return PasskeyCreation.parse(JSON.parse(JSON.stringify(options)));
}

/** @param known Empty: any passkey of this installation. */
export async function requestOptions(
  site: PublicSite,
  challenge: Buffer,
  known: readonly { credentialId: string; transports: readonly string[] }[],
): Promise<PasskeyRequest> {
  const options = await generateAuthenticationOptions({
    rpID: rpIdOf(site),
    challenge: new Uint8Array(challenge),
    timeout: TIMEOUT_MS,
    userVerification: 'required',
    allowCredentials: known.map(({ credentialId, transports }) => ({
      id: credentialId,
      transports: [...transports],
    })),
  });
  return PasskeyRequest.parse({ allowCredentials: [], ...(JSON.parse(JSON.stringify(options)) as object) });
}

/** Checks a new passkey: made here, for this challenge, by somebody whom the device has verified. */
export async function checkNew(
  site: PublicSite,
  response: AddPasskey['response'],
  challenge: Buffer,
): Promise<CheckedPasskey | PasskeyFault> {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { clientExtensionResults: {}, ...response } as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: site.origin,
      expectedRPID: rpIdOf(site),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return { because: 'signature', error: 'the attestation does not hold' };
    const { credential, credentialBackedUp } = registrationInfo;
    return {
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: [...(credential.transports ?? [])],
      backedUp: credentialBackedUp,
    };
  } catch (error) {
    return { because: 'check', error: messageOf(error) };
  }
}

/** Checks that whoever answers has the passkey, here and now, and was verified by the device. */
export async function checkUse(
  site: PublicSite,
  response: PasskeyUsed,
  challenge: Buffer,
  known: KnownPasskey,
): Promise<{ counter: number; backedUp: boolean } | PasskeyFault> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { clientExtensionResults: {}, ...response } as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge.toString('base64url'),
      expectedOrigin: site.origin,
      expectedRPID: rpIdOf(site),
      requireUserVerification: true,
      // The counter is judged below, to be told apart from other faults.
      credential: { id: known.credentialId, publicKey: new Uint8Array(known.publicKey), counter: 0 },
    });
    if (!verified) return { because: 'signature', error: 'the signature does not hold' };
    const { newCounter, credentialBackedUp } = authenticationInfo;
    if ((newCounter > 0 || known.counter > 0) && newCounter <= known.counter)
      return { because: 'counter', error: 'the counter went back: there may be a copy of the passkey' };
    return { counter: newCounter, backedUp: credentialBackedUp };
  } catch (error) {
    return { because: 'check', error: messageOf(error) };
  }
}

export function isFault(result: object): result is PasskeyFault {
  return 'because' in result;
}

/** The host: passkeys are made for a name, never for an address of numbers. */
function rpIdOf(site: PublicSite): string {
  return new URL(site.origin).hostname;
}
