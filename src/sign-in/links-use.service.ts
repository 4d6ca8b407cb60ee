import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Visitor } from '../auth/caller.decorator.js';
import { clearCookie, readCookie, setCookie, type PublicSite } from '../auth/cookies.js';
import { digestOf, organisationOf } from '../auth/secret-text.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { returnPath } from '../sso/return-path.js';
import { Entering } from './entering.service.js';
import { knownBrowser } from './links-browser.js';
import { GrowingDelay } from './links-delay.js';
import { LinksRepository } from './links.repository.js';

/** Lets in whoever has a link: once, in time, and in the browser that asked for it. */
@Injectable()
export class LinkUse {
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly links: LinksRepository,
    private readonly entering: Entering,
    private readonly sessions: Sessions,
    private readonly delay: GrowingDelay,
    @Inject(CONFIG) config: Pick<Config, 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.site = publicSiteOf(config.server);
  }

  /** @throws {RollcallError} `sign_in.link_dead`, `sign_in.refused`, `request.throttled` */
  async use(
    token: string,
    visitor: Visitor,
    { request, response }: { request: Request; response: Response },
  ): Promise<{ returnTo: string }> {
    this.delay.assertMay(visitor.address);
    const organisationId = organisationOf(token);
    if (organisationId === null) throw this.guessed(visitor);
    const browser = knownBrowser(request, 'link', this.site);
    const entered = await this.database.asOrganisation(organisationId, (tx) =>
      this.enter(tx, digestOf(token), browser === null ? null : digestOf(browser), visitor),
    );
    if (entered === 'unknown') throw this.guessed(visitor);
    if (entered === 'over') throw dead();
    if (entered === 'other_browser')
      throw new RollcallError(
        'sign_in.link_dead',
        'Open the link in the browser in which you asked for it, or ask for a new one here.',
        { reason: 'other_browser' },
      );
    // What the browser had before ends: nobody goes on as somebody else beside.
    await this.sessions.endPresented(readCookie(request, 'session', this.site));
    clearCookie(response, 'link', this.site);
    setCookie(response, 'session', entered.cookie, { site: this.site });
    return { returnTo: returnPath(entered.returnTo) };
  }

  /** One transaction: whoever is not let in has not used the link up. */
  private async enter(
    tx: Tx,
    digest: Buffer,
    browserDigest: Buffer | null,
    visitor: Visitor,
  ): Promise<{ cookie: string; returnTo: string | null } | 'unknown' | 'over' | 'other_browser'> {
    const now = this.clock.now();
    await this.entering.hold(tx);
    const used = await this.links.use(tx, digest, browserDigest, now);
    if (used === null) {
      const standing = await this.links.standing(tx, digest, now);
      return standing === 'open' ? 'other_browser' : (standing ?? 'unknown');
    }
    const session = await this.entering.enter(
      tx,
      used.personId,
      { strength: used.kind, amr: [], acr: null, authenticatedAt: now, provider: null },
      visitor,
    );
    return { cookie: session.cookie, returnTo: used.returnTo };
  }

  /** Whoever comes with a link that was good once does not guess: a whole office may share the address. */
  private guessed(visitor: Visitor): RollcallError {
    this.delay.wrong(visitor.address);
    return dead();
  }
}

function dead(): RollcallError {
  return new RollcallError('sign_in.link_dead', 'This link was used or is too old: ask for a new one.', {
    reason: 'dead',
  });
}
