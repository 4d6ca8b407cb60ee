import { expect } from '@jest/globals';
import { cookieName } from '../../src/auth/cookies.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { Authenticator, type CreationOptions, type KeyKind, type RequestOptions, type Twist } from './authenticator.js';
import { Jar } from './jar.js';
import type { Answer, TestService } from './service.js';
import type { SessionOptions } from './signed-in.js';

/** A browser that is signed in as somebody. */
export interface Signed {
  jar: Jar;
  personId: string;
  sessionId: string;
}

/** People of a service with their browsers and devices, each in a network of their own. */
export class PasskeyPeople {
  private network = 0;

  constructor(
    private readonly service: TestService,
    private readonly origin: string,
  ) {}

  newJar(): Jar {
    this.network += 1;
    return new Jar(this.service, `198.51.${this.network >> 8}.${this.network & 255}`);
  }

  async signed(options: SessionOptions = {}): Promise<Signed> {
    const session = await this.service.session(options);
    const jar = this.newJar();
    jar.cookies.set(cookieName('session', publicSiteOf(this.service.config.server)), session.cookie);
    return { jar, personId: session.personId, sessionId: session.id };
  }

  async enrol(jar: Jar, device: Authenticator, twist: Twist = {}, name = 'MacBook'): Promise<Answer> {
    const options = await jar.api<CreationOptions>('POST', '/api/v1/me/passkeys/options');
    if (options.status !== 200) return options;
    return jar.api('POST', '/api/v1/me/passkeys', { name, response: device.create(options.body, twist) });
  }

  async signIn(jar: Jar, device: Authenticator, twist: Twist = {}, returnTo?: string): Promise<Answer> {
    const { body } = await jar.api<RequestOptions>('POST', '/api/v1/sign-in/passkey/options');
    const response = device.get(body, twist);
    return jar.api('POST', '/api/v1/sign-in/passkey', { response, ...(returnTo === undefined ? {} : { returnTo }) });
  }

  async who(jar: Jar): Promise<Record<string, unknown>> {
    return (await jar.api('GET', '/api/v1/session')).body;
  }

  /** Somebody with a passkey, and the device that has it. */
  async withPasskey(
    options: SessionOptions = {},
    kind: KeyKind = 'ES256',
  ): Promise<Signed & { device: Authenticator }> {
    const somebody = await this.signed(options);
    const device = new Authenticator(this.origin, kind);
    expect(await this.enrol(somebody.jar, device)).toMatchObject({ status: 201 });
    return { ...somebody, device };
  }

  /** The kinds of mail that a person was sent, oldest first. */
  async mailsTo(personId: string): Promise<string[]> {
    const rows = await this.service.database.asOrganisation(this.service.organisation.id, (tx) =>
      tx.query<{ template: string }>('SELECT template FROM mail WHERE person_id = $1 ORDER BY id', [personId]),
    );
    return rows.map(({ template }) => template);
  }

  entriesOf(personId: string): Promise<{ action: string; detail: unknown }[]> {
    return this.service.database.asOrganisation(this.service.organisation.id, (tx) =>
      tx.query('SELECT action, detail FROM audit_entry WHERE subject_id = $1 ORDER BY seq', [personId]),
    );
  }
}
