import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { canonicalEmail, emailDomain } from '../../common/email.js';
import { isObject } from '../json.js';

const subject = z
  .string()
  .trim()
  .max(320)
  .refine((text) => canonicalEmail(text) !== null, {
    message: 'The subject is the e-mail address of an admin account of the customer.',
  })
  .describe('The admin on whose behalf the directory is read.');

const CLIENT_ID = /^\d{15,25}$/u;

/** The parts of a service account's key file that are used. Its addresses are not: they would decide where we connect. */
export interface ServiceAccountKey {
  clientEmail: string;
  clientId: string;
  privateKey: string;
  keyId: string | null;
  projectId: string | null;
}

const storedKey: z.ZodType<ServiceAccountKey> = z.strictObject({
  clientEmail: z.string(),
  clientId: z.string(),
  privateKey: z.string(),
  keyId: z.string().nullable(),
  projectId: z.string().nullable(),
});

export const googleCredentials = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('key'), subject, key: storedKey }),
  z.strictObject({ method: z.literal('installation'), subject }),
]);

export type GoogleCredentials = z.output<typeof googleCredentials>;

const keyFile = z
  .union([z.string().max(16_384), z.record(z.string(), z.unknown())])
  .describe('The JSON key file of the service account, as text or as an object.')
  .transform((file, context) => {
    try {
      return readKeyFile(file);
    } catch (error) {
      if (!(error instanceof KeyFileFault)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });

const asked = subject.meta({
  title: 'Admin on whose behalf the directory is read',
  description: 'The primary address of that account.',
});

/** `key` may be left out when only the subject changes. */
export const googleCredentialsInput = z.discriminatedUnion('method', [
  z
    .strictObject({
      method: z.literal('key'),
      subject: asked,
      key: keyFile
        .optional()
        .meta({ title: 'Key file of the service account', writeOnly: true, contentMediaType: 'application/json' }),
    })
    .meta({ title: 'Your own service account', description: 'You make it in Google Cloud, with a key file.' }),
  z
    .strictObject({ method: z.literal('installation'), subject: asked })
    .meta({ title: 'The service account of this installation', description: 'No key is made and none is kept.' }),
]);

/** What is wrong with a key file; the sentence quotes nothing of it. */
export class KeyFileFault extends Error {
  override readonly name = 'KeyFileFault';
}

/** @throws {KeyFileFault} */
export function readKeyFile(file: unknown): ServiceAccountKey {
  const content = typeof file === 'string' ? parse(file) : file;
  if (!isObject(content)) throw new KeyFileFault('The key file is not the JSON that Google offers when a key is made.');
  if (content['type'] !== 'service_account') {
    throw new KeyFileFault(
      'This is not the key of a service account (its type has to be service_account); OAuth clients have another kind of file.',
    );
  }
  const {
    client_email: clientEmail,
    client_id: clientId,
    private_key: privateKey,
    private_key_id: keyId,
    project_id: projectId,
  } = content;
  if (typeof clientEmail !== 'string' || !/^[^\s@]{1,128}@[^\s@]{1,190}$/u.test(clientEmail)) {
    throw new KeyFileFault('The key file lacks client_email.');
  }
  if (typeof clientId !== 'string' || !CLIENT_ID.test(clientId)) {
    throw new KeyFileFault('The key file lacks client_id, the number that the customer delegates to.');
  }
  if (typeof privateKey !== 'string') throw new KeyFileFault('The key file lacks private_key.');
  return {
    clientEmail,
    clientId,
    privateKey: checkedPem(privateKey),
    keyId: typeof keyId === 'string' ? keyId : null,
    projectId: typeof projectId === 'string' ? projectId : null,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds a private key: it goes no further.
    throw new KeyFileFault('The key file is not valid JSON; paste it whole.');
  }
}

function checkedPem(pem: string): string {
  let type: string | undefined;
  let bits: number | undefined;
  try {
    const key = createPrivateKey(pem);
    type = key.asymmetricKeyType;
    bits = key.asymmetricKeyDetails?.modulusLength;
  } catch {
    throw new KeyFileFault('The private_key of the key file cannot be read; paste the file whole and unchanged.');
  }
  if (type !== 'rsa' || (bits ?? 0) < 2_048)
    throw new KeyFileFault('The private_key of the key file is not an RSA key of 2048 bits or more.');
  return pem;
}

const firstKeyInput = googleCredentialsInput.refine((input) => input.method !== 'key' || input.key !== undefined, {
  path: ['key'],
  message: 'The JSON key file of the service account is needed.',
});

/** @throws {z.ZodError} naming each field at fault. */
export function acceptGoogleCredentials(input: unknown, before: GoogleCredentials | null): GoogleCredentials {
  const kept = before?.method === 'key' ? before.key : undefined;
  const given = (kept === undefined ? firstKeyInput : googleCredentialsInput).parse(input);
  if (given.method === 'installation') return given;
  const key = given.key ?? kept;
  if (key === undefined) throw new TypeError('the schema lets no input through that lacks a key');
  return { method: 'key', subject: given.subject, key };
}

/** Ids and addresses, never a secret. */
export function showGoogleCredentials(credentials: GoogleCredentials): Record<string, unknown> {
  if (credentials.method === 'installation') return { method: 'installation', subject: credentials.subject };
  const { clientEmail, clientId, keyId, projectId } = credentials.key;
  return { method: 'key', subject: credentials.subject, serviceAccount: clientEmail, clientId, keyId, projectId };
}

/**
 * With the installation's service account, naming a subject is all that it takes to read that subject's directory:
 * the subject's domain has to be proved for the organisation first. A key of the customer's own is proof enough.
 */
export function googleDomainsToProve(credentials: GoogleCredentials): string[] {
  if (credentials.method === 'key') return [];
  const canonical = canonicalEmail(credentials.subject);
  if (canonical === null) throw new TypeError('stored credentials have a subject that is no address');
  return [emailDomain(canonical)];
}
