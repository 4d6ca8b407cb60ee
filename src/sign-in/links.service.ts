import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AuditService } from '../audit/audit.service.js';
import { digestOf, makeSecret } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { canonicalEmail } from '../common/email.js';
import { messageOf, RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Mails } from '../mail/mails.service.js';
import type { MailTemplate } from '../mail/mail.types.js';
import { returnPath } from '../sso/return-path.js';
import { LinksAsking } from './links-asking.js';
import { browserSecret } from './links-browser.js';
import { LinksRepository, type LinkRequestRow, type Receiver } from './links.repository.js';
import type { LinkRequest, ShownLink } from './links.types.js';

const A_MINUTE = 60_000;
const AN_HOUR = 60 * A_MINUTE;
/** A link made at the command line: its maker hands it over in person. */
const SHOWN_LINK_MINUTES = 30;
/** What counts as mail of this kind to an address. */
const COUNTED: readonly MailTemplate[] = ['sign_in_link', 'sign_in_with_provider'];
/** A request that failed is tried again after so long. */
const STANDS_BACK_MS = 30_000;
/** Requests that one step works on. */
const MOST_AT_ONCE = 50;

/** Links by mail: asked for by anybody, sent to whoever has the address, good in the browser that asked. */
@Injectable()
export class Links {
  private readonly log = new Logger('links');
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly links: LinksRepository,
    private readonly asking: LinksAsking,
    private readonly mails: Mails,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'server' | 'signIn'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.site = publicSiteOf(config.server);
  }

  /** For a route that anybody may call: remembers the browser in a cookie and asks for a link in its name. */
  async askFrom(
    http: { request: Request; response: Response },
    order: { email: string; returnTo: string | null; address: string },
  ): Promise<void> {
    const seconds = this.config.signIn.linkMinutes * 60;
    await this.request({ ...order, browser: browserSecret(http, 'link', { site: this.site, seconds }) });
  }

  /**
   * Asks for a link. The work is the same whoever has the address, and nobody is looked for yet (I-16): that happens
   * behind the answer, in `expand`.
   *
   * @throws {RollcallError} `request.throttled`
   */
  async request({ email, returnTo, browser, address }: LinkRequest): Promise<void> {
    await this.asking.spend(address);
    const emailCanonical = canonicalEmail(email);
    if (emailCanonical === null || !(await this.asking.maySend(emailCanonical, address))) return;
    const row: LinkRequestRow = {
      id: newId(),
      emailCanonical,
      browserDigest: digestOf(browser),
      returnTo: returnTo === null ? null : returnPath(returnTo),
      address,
      createdAt: this.clock.now(),
    };
    await this.database.asWorker((worker) => this.links.ask(worker, row));
  }

  /**
   * Makes the links that were asked for, for whoever has the address, in whatever organisation, and puts them into mail.
   *
   * @returns How many requests were worked on.
   */
  async expand(limit = MOST_AT_ONCE): Promise<number> {
    let count = 0;
    while (count < limit && (await this.expandNext())) count += 1;
    return count;
  }

  /**
   * For the operator, who knows the person and hands over the link: it lets in once, from any browser, whatever the
   * organisation's rules for signing in are.
   *
   * @throws {RollcallError} `person.not_found` when nobody active has the address.
   */
  async makeForCommandLine(organisationId: string, email: string): Promise<ShownLink> {
    const emailCanonical = canonicalEmail(email);
    const { text, digest } = makeSecret(organisationId, randomBytes);
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + SHOWN_LINK_MINUTES * A_MINUTE);
    await this.database.asOrganisation(organisationId, async (tx) => {
      const receiver = emailCanonical === null ? null : await this.links.receiverByAddress(tx, emailCanonical);
      if (receiver === null) throw new RollcallError('person.not_found', 'Nobody active has this address here.');
      const { personId } = receiver;
      const by = { kind: 'operator' } as const;
      await this.links.insert(tx, {
        id: newId(),
        personId,
        kind: 'break_glass',
        digest,
        browserDigest: null,
        returnTo: null,
        madeBy: JSON.stringify(by),
        createdAt: now,
        expiresAt,
      });
      await this.audit.record(tx, { by, action: 'sign_in.link_made', subject: { kind: 'person', id: personId } });
    });
    return { url: this.urlOf(text), expiresAt };
  }

  /**
   * The request is held by the worker's transaction until each organisation's own has committed: a process that dies
   * leaves it to the next one, which finds the mails that were made by their cause.
   */
  private async expandNext(): Promise<boolean> {
    let id: string | null = null;
    try {
      return await this.database.asWorker(async (worker) => {
        const now = this.clock.now();
        const request = await this.links.next(worker, now);
        if (request === null) return false;
        ({ id } = request);
        if (now.getTime() - request.createdAt.getTime() <= this.config.signIn.linkMinutes * A_MINUTE) {
          await this.links.alone(worker, request.emailCanonical);
          await this.expandOne(request, await this.links.people(worker, request.emailCanonical));
        }
        await this.links.done(worker, request.id);
        return true;
      });
    } catch (error) {
      const failed = id;
      if (failed === null) throw error;
      // It is tried again until it is too old; whoever asked after it does not wait for that.
      this.log.error({ request: failed, error: messageOf(error) }, 'a link that was asked for could not be made');
      const until = new Date(this.clock.now().getTime() + STANDS_BACK_MS);
      await this.database.asWorker((worker) => this.links.putOff(worker, failed, until));
      return true;
    }
  }

  private async expandOne(
    request: LinkRequestRow,
    people: readonly { organisationId: string; personId: string }[],
  ): Promise<void> {
    const since = new Date(this.clock.now().getTime() - AN_HOUR);
    const counted = await Promise.all(
      people.map(async (one) => {
        const count = await this.database.asOrganisation(
          one.organisationId,
          (tx) => this.mails.countSince(tx, one.personId, COUNTED, since),
          { readOnly: true },
        );
        return { ...one, count };
      }),
    );
    let left = this.config.signIn.linksPerAddressPerHour - counted.reduce((sum, { count }) => sum + count, 0);
    // Who belongs to more organisations than the limit has mail for gets all of them in turn.
    for (const { organisationId, personId } of counted.sort((a, b) => a.count - b.count)) {
      if (left <= 0) return;
      left -= 1;
      await this.database.asOrganisation(organisationId, (tx) => this.write(tx, organisationId, personId, request));
    }
  }

  private async write(tx: Tx, organisationId: string, personId: string, request: LinkRequestRow): Promise<void> {
    const receiver = await this.links.receiver(tx, personId, request.emailCanonical);
    if (receiver === null) return;
    const written = receiver.ssoOnly
      ? await this.writeAboutProvider(tx, receiver, request)
      : await this.writeLink(tx, organisationId, receiver, request);
    if (!written) return;
    await this.audit.record(tx, {
      by: { kind: 'stranger' },
      address: request.address,
      action: 'sign_in.link_requested',
      subject: { kind: 'person', id: personId },
      detail: { sent: receiver.ssoOnly ? 'sign_in_with_provider' : 'sign_in_link' },
    });
  }

  private writeAboutProvider(tx: Tx, receiver: Receiver, { id }: LinkRequestRow): Promise<boolean> {
    return this.mails.enqueue(tx, {
      template: 'sign_in_with_provider',
      cause: `link_request:${id}`,
      to: receiver.emailCanonical,
      personId: receiver.personId,
      values: { link: `${this.site.origin}/sign-in` },
    });
  }

  private async writeLink(
    tx: Tx,
    organisationId: string,
    { personId, emailCanonical }: Receiver,
    { id, browserDigest, returnTo }: LinkRequestRow,
  ): Promise<boolean> {
    const { text, digest } = makeSecret(organisationId, randomBytes);
    const { linkMinutes } = this.config.signIn;
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + linkMinutes * A_MINUTE);
    const fresh = await this.mails.enqueue(tx, {
      template: 'sign_in_link',
      cause: `link_request:${id}`,
      to: emailCanonical,
      personId,
      values: { link: this.urlOf(text), minutes: String(linkMinutes) },
      until: expiresAt,
    });
    if (!fresh) return false;
    await this.links.endOlder(tx, personId, browserDigest, now);
    await this.links.insert(tx, {
      id: newId(),
      personId,
      kind: 'link',
      digest,
      browserDigest,
      returnTo,
      madeBy: JSON.stringify({ kind: 'stranger' }),
      createdAt: now,
      expiresAt,
    });
    return true;
  }

  /** In the fragment, which no browser sends and no log sees: the page takes it out and posts it. */
  private urlOf(text: string): string {
    return `${this.site.origin}/sign-in/link#${text}`;
  }
}
