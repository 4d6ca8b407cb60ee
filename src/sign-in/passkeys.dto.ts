import { z } from 'zod';
import { Id, Instant, line } from '../common/fields.js';

const text = (longest: number) => z.string().min(1).max(longest);
/** Bytes in base64url, as browsers give them. */
const bytes = (longest: number) => text(longest).regex(/^[A-Za-z0-9_-]+$/u);

const Descriptor = z.strictObject({
  id: bytes(1_400),
  type: z.literal('public-key'),
  transports: z.array(text(30)).max(10).optional(),
});

/** What `navigator.credentials.create` takes. */
export const PasskeyCreation = z
  .strictObject({
    rp: z.strictObject({ name: text(100), id: text(253) }),
    user: z.strictObject({ id: bytes(100), name: text(320), displayName: z.string().max(400) }),
    challenge: bytes(100),
    pubKeyCredParams: z.array(z.strictObject({ alg: z.number().int(), type: z.literal('public-key') })).max(10),
    timeout: z.number().int().describe('Milliseconds.'),
    excludeCredentials: z.array(Descriptor).max(50),
    authenticatorSelection: z.strictObject({
      residentKey: z.literal('required'),
      requireResidentKey: z.literal(true),
      userVerification: z.literal('required'),
    }),
    attestation: z.literal('none'),
    extensions: z.strictObject({ credProps: z.boolean() }),
    hints: z.array(text(30)).max(5),
  })
  .meta({ id: 'PasskeyCreation' });
export type PasskeyCreation = z.infer<typeof PasskeyCreation>;

/** What `navigator.credentials.get` takes. */
export const PasskeyRequest = z
  .strictObject({
    rpId: text(253),
    challenge: bytes(100),
    timeout: z.number().int().describe('Milliseconds.'),
    userVerification: z.literal('required'),
    allowCredentials: z.array(Descriptor).max(50).describe('Empty: any passkey of this installation.'),
  })
  .meta({ id: 'PasskeyRequest' });
export type PasskeyRequest = z.infer<typeof PasskeyRequest>;

/** Browsers add members as they learn; what is not named here is not read. */
const Created = z
  .looseObject({
    id: bytes(1_400),
    rawId: bytes(1_400),
    type: z.literal('public-key'),
    response: z.looseObject({
      clientDataJSON: bytes(4_000),
      attestationObject: bytes(20_000),
      transports: z.array(text(30)).max(10).optional(),
    }),
  })
  .meta({ id: 'PasskeyCreated', description: 'What the browser gave, as JSON.' });

const Used = z
  .looseObject({
    id: bytes(1_400),
    rawId: bytes(1_400),
    type: z.literal('public-key'),
    response: z.looseObject({
      clientDataJSON: bytes(4_000),
      authenticatorData: bytes(4_000),
      signature: bytes(4_000),
      userHandle: bytes(100).nullish(),
    }),
  })
  .meta({ id: 'PasskeyUsed', description: 'What the browser gave, as JSON.' });
export type PasskeyUsed = z.infer<typeof Used>;

export const AddPasskey = z.strictObject({ name: line(60), response: Created }).meta({ id: 'AddPasskey' });
export type AddPasskey = z.infer<typeof AddPasskey>;

export const RenamePasskey = z.strictObject({ name: line(60) }).meta({ id: 'RenamePasskey' });
export type RenamePasskey = z.infer<typeof RenamePasskey>;

export const SignInWithPasskey = z
  .strictObject({ response: Used, returnTo: z.string().max(2_000).optional() })
  .meta({ id: 'SignInWithPasskey' });
export type SignInWithPasskey = z.infer<typeof SignInWithPasskey>;

export const StepUpWithPasskey = z.strictObject({ response: Used }).meta({ id: 'StepUpWithPasskey' });
export type StepUpWithPasskey = z.infer<typeof StepUpWithPasskey>;

export const PasskeyView = z
  .strictObject({
    id: Id,
    name: z.string(),
    createdAt: Instant,
    lastUsedAt: Instant.nullable(),
    backedUp: z.boolean().describe('Whether the device keeps a copy of it elsewhere.'),
  })
  .meta({ id: 'Passkey' });
export type PasskeyView = z.infer<typeof PasskeyView>;

export const PasskeysList = z.strictObject({ items: z.array(PasskeyView) }).meta({ id: 'Passkeys' });
export type PasskeysList = z.infer<typeof PasskeysList>;
