import { randomBytes } from 'node:crypto';
import type { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Dispatch } from '../../src/invitations/dispatch.service.js';
import { Mails } from '../../src/mail/mails.service.js';
import { Jar } from './jar.js';
import { startService, type Answer, type TestOrganisation, type TestService } from './service.js';
import { TestSmtp } from './smtp.js';

export const ORIGIN = 'https://rollcall.acme.example';
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const DEAD = { status: 403, body: { code: 'invitation.dead' } };

export interface ShownInvitation {
  id: string;
  personId: string;
  email: string;
  state: string;
  because: string | null;
  problem: string | null;
  version?: number;
  sentAt: string | null;
  notBefore: string | null;
  expiresAt: string | null;
}

interface Invited {
  email: string;
  invitationId: string;
  personId: string;
  result: string;
}

/** A service that invites, with a mail server that takes what it sends, at a time that the test decides. */
export class InvitationWorld {
  private networks = 0;

  private constructor(
    readonly service: TestService,
    readonly smtp: TestSmtp,
    readonly clock: ManualClock,
  ) {}

  static async start(clock: ManualClock, invitations: Record<string, number> = {}): Promise<InvitationWorld> {
    const smtp = await TestSmtp.start();
    smtp.trust();
    const service = await startService({
      clock,
      config: {
        server: { publicUrl: ORIGIN, trustedProxies: ['127.0.0.1'] },
        mail: { smtpUrl: smtp.url, from: 'rollcall@acme.example' },
        invitations,
      },
    });
    return new InvitationWorld(service, smtp, clock);
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.smtp.close();
  }

  /** A browser in a network of its own. */
  jar(): Jar {
    this.networks += 1;
    return new Jar(this.service, `10.${(this.networks >> 8) & 255}.${this.networks & 255}.7`);
  }

  address(): string {
    return `p${randomBytes(5).toString('hex')}@acme.example`;
  }

  /** Invites one by one organisation's key, or whoever is given. */
  async invite(
    by: Pick<TestOrganisation, 'api'>,
    item: Record<string, unknown> = {},
    order: Record<string, unknown> = {},
  ): Promise<Invited> {
    const answer = await by.api<{ items: Invited[] }>('POST', '/api/v1/invitations', {
      items: [{ email: this.address(), ...item }],
      send: true,
      ...order,
    });
    const [first] = answer.body.items ?? [];
    if (answer.status !== 200 || first === undefined) throw new Error(`${answer.status} ${answer.text}`);
    return first;
  }

  /** As `invite`, and hands over the link. */
  async linked(
    by: Pick<TestOrganisation, 'api'>,
    item: Record<string, unknown> = {},
  ): Promise<Invited & { token: string }> {
    const invited = await this.invite(by, item, { send: false });
    return { ...invited, token: await this.link(by, invited.invitationId) };
  }

  async link(by: Pick<TestOrganisation, 'api'>, id: string): Promise<string> {
    const { body, status, text } = await by.api<{ url: string }>('POST', `/api/v1/invitations/${id}/link`);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return body.url.split('#')[1] ?? '';
  }

  async shown(by: Pick<TestOrganisation, 'api'>, id: string): Promise<ShownInvitation> {
    return (await by.api<ShownInvitation>('GET', `/api/v1/invitations/${id}`)).body;
  }

  look(token: string, jar = this.jar()): Promise<Answer<Record<string, unknown>>> {
    return jar.api('POST', '/api/v1/invitation/look', { token });
  }

  accept(
    token: string,
    jar = this.jar(),
    more: Record<string, unknown> = {},
  ): Promise<Answer<Record<string, unknown>>> {
    return jar.api('POST', '/api/v1/invitation/accept', { token, by: 'link', replacing: null, ...more });
  }

  /** What is due is made, and goes out. @returns The links of the mails that came just now, by address. */
  async post(): Promise<Map<string, string>> {
    this.smtp.mails.length = 0;
    await this.service.app.get(Dispatch, { strict: false }).sendDue();
    await this.service.app.get(Mails, { strict: false }).deliverDue(1_000);
    return new Map(
      this.smtp.mails.map(({ to, parsed }) => [to[0] ?? '', /invitation#(\S+)/u.exec(parsed.text ?? '')?.[1] ?? '']),
    );
  }

  rows<Row extends object>(organisationId: string, text: string, values: unknown[] = []): Promise<Row[]> {
    return this.service.database.asOrganisation(organisationId, (tx) => tx.query<Row>(text, values));
  }

  async state(organisationId: string, personId: string): Promise<string | undefined> {
    const [row] = await this.rows<{ state: string }>(organisationId, 'SELECT state FROM person WHERE id = $1', [
      personId,
    ]);
    return row?.state;
  }

  async person(
    organisationId: string,
    { state = 'active', admin = false, email = this.address() } = {},
  ): Promise<{ id: string; email: string }> {
    const id = newId();
    await this.rows(
      organisationId,
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, is_admin, archive_reasons,
         archived_at, archived_from) VALUES ($1, $2, $3, 'manual', $4, $4, $4, $5, $6, $7, $8)`,
      [
        ...[organisationId, id, state, email, admin],
        ...(state === 'archived' ? [['admin'], this.clock.now(), 'active'] : [[], null, null]),
      ],
    );
    return { id, email };
  }
}
