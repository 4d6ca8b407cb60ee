import { constants, createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** What the page hands to the browser, as far as an authenticator looks at it. */
export interface CreationOptions {
  rp: { id: string };
  user: { id: string };
  challenge: string;
  pubKeyCredParams: { alg: number }[];
  excludeCredentials?: { id: string }[];
}

export interface RequestOptions {
  rpId: string;
  challenge: string;
  allowCredentials?: { id: string }[];
}

export type KeyKind = 'ES256' | 'RS256' | 'EdDSA';

const ALG: Record<KeyKind, number> = { ES256: -7, EdDSA: -8, RS256: -257 };

interface Credential {
  id: string;
  rpId: string;
  userHandle: string;
  kind: KeyKind;
  privateKey: KeyObject;
  publicKey: KeyObject;
  counter: number;
}

/** How an answer differs from an honest one. */
export interface Twist {
  /** Of the page. */
  origin?: string;
  /** Whether the device has verified the person. */
  verified?: boolean;
  present?: boolean;
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  rpId?: string;
  /** Instead of the counter that would be next. */
  counter?: number;
  userHandle?: string | null;
  /** Signs with another key. */
  otherKey?: boolean;
}

/** A browser with an authenticator of its own: keys that never leave it, one set of bytes like any other device's. */
export class Authenticator {
  readonly credentials: Credential[] = [];

  constructor(
    private readonly origin: string,
    private readonly kind: KeyKind = 'ES256',
    /** Devices that keep copies of their passkeys elsewhere do not count. */
    private readonly counts = true,
  ) {}

  create(options: CreationOptions, twist: Twist = {}): Record<string, unknown> {
    if (!options.pubKeyCredParams.some(({ alg }) => alg === ALG[this.kind])) throw new Error('no algorithm in common');
    if (options.excludeCredentials?.some(({ id }) => this.credentials.some((own) => own.id === id)))
      throw new Error('this authenticator has a passkey already');
    const keys = makeKeys(this.kind);
    const credential: Credential = {
      id: randomBytes(16).toString('base64url'),
      rpId: options.rp.id,
      userHandle: options.user.id,
      kind: this.kind,
      ...keys,
      counter: this.counts ? 1 : 0,
    };
    this.credentials.push(credential);
    const id = Buffer.from(credential.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, cbor(coseOf(credential))]);
    const authData = Buffer.concat([
      this.authData(twist.rpId ?? credential.rpId, credential.counter, twist, 0x40),
      attested,
    ]);
    const attestationObject = cbor(
      new Map<string, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    );
    return this.answer(credential, {
      clientDataJSON: this.clientData('webauthn.create', options.challenge, twist),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal', 'hybrid'],
    });
  }

  get(options: RequestOptions, twist: Twist = {}): Record<string, unknown> {
    const allowed = options.allowCredentials ?? [];
    const credential = this.credentials.find(
      (own) => own.rpId === options.rpId && (allowed.length === 0 || allowed.some(({ id }) => id === own.id)),
    );
    if (!credential) throw new Error('this authenticator has no such passkey');
    if (this.counts) credential.counter += 1;
    const authData = this.authData(twist.rpId ?? credential.rpId, twist.counter ?? credential.counter, twist, 0);
    const clientDataJSON = this.clientData('webauthn.get', options.challenge, twist);
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    const key = twist.otherKey === true ? makeKeys(this.kind).privateKey : credential.privateKey;
    return this.answer(credential, {
      clientDataJSON,
      authenticatorData: authData.toString('base64url'),
      signature: signatureOf(this.kind, signed, key).toString('base64url'),
      ...(twist.userHandle === null ? {} : { userHandle: twist.userHandle ?? credential.userHandle }),
    });
  }

  private answer({ id }: Credential, response: Record<string, unknown>): Record<string, unknown> {
    return {
      id,
      rawId: id,
      type: 'public-key',
      response,
      clientExtensionResults: {},
      authenticatorAttachment: 'platform',
    };
  }

  private clientData(type: string, challenge: string, twist: Twist): string {
    const data = {
      type: twist.type ?? type,
      challenge: twist.challenge ?? challenge,
      origin: twist.origin ?? this.origin,
      crossOrigin: twist.crossOrigin ?? false,
    };
    return Buffer.from(JSON.stringify(data)).toString('base64url');
  }

  private authData(rpId: string, counter: number, { present = true, verified = true }: Twist, more: number): Buffer {
    const flags = (present ? 0x01 : 0) | (verified ? 0x04 : 0) | (this.counts ? 0 : 0x18) | more;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(Buffer.from(rpId)), Buffer.from([flags]), count]);
  }
}

function makeKeys(kind: KeyKind): { privateKey: KeyObject; publicKey: KeyObject } {
  if (kind === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return kind === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function signatureOf(kind: KeyKind, data: Buffer, key: KeyObject): Buffer {
  if (kind === 'EdDSA') return sign(null, data, key);
  return sign('sha256', data, kind === 'RS256' ? { key, padding: constants.RSA_PKCS1_PADDING } : key);
}

/** RFC 9052, section 7: the public key as authenticators write it. */
function coseOf({ kind, publicKey }: Credential): Map<number, Cbor> {
  const jwk = publicKey.export({ format: 'jwk' });
  const part = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');
  if (kind === 'ES256')
    return new Map<number, Cbor>([
      [1, 2],
      [3, ALG.ES256],
      [-1, 1],
      [-2, part(jwk.x)],
      [-3, part(jwk.y)],
    ]);
  if (kind === 'EdDSA')
    return new Map<number, Cbor>([
      [1, 1],
      [3, ALG.EdDSA],
      [-1, 6],
      [-2, part(jwk.x)],
    ]);
  return new Map<number, Cbor>([
    [1, 3],
    [3, ALG.RS256],
    [-1, part(jwk.n)],
    [-2, part(jwk.e)],
  ]);
}

type Cbor = number | string | Buffer | Map<number, Cbor> | Map<string, Cbor>;

/** RFC 8949, as much of it as authenticators write. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...value].flatMap(([key, inner]) => [cbor(key), cbor(inner)]);
  return Buffer.concat([head(5, value.size), ...entries]);
}

function head(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size]);
  if (size < 0x100) return Buffer.from([(major << 5) | 24, size]);
  return Buffer.from([(major << 5) | 25, size >> 8, size & 0xff]);
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
