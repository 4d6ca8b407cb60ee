import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AuditContext } from '../audit/audit.types.js';
import type { Visitor } from '../auth/caller.decorator.js';
import { readCookie, setCookie, type PublicSite } from '../auth/cookies.js';
import { digestOf, organisationOf } from '../auth/secret-text.js';
import { Sessions } from '../auth/sessions.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import { OperatorPeople } from '../operators/operator-people.service.js';
import { Operators } from '../organisations/operators.service.js';
import { Entering } from './entering.service.js';
import { GrowingDelay } from './links-delay.js';
import type { FirstOperator } from './links.dto.js';
import { LinksRepository } from './links.repository.js';

/** the first operator of an installation, by the code that its first start has shown, and by nothing else. */
@Injectable()
export class FirstOperators {
  private readonly site: PublicSite;

  constructor(
    private readonly database: Database,
    private readonly links: LinksRepository,
    private readonly operators: Operators,
    private readonly people: OperatorPeople,
    private readonly entering: Entering,
    private readonly sessions: Sessions,
    private readonly delay: GrowingDelay,
    @Inject(CONFIG) config: Pick<Config, 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.site = publicSiteOf(config.server);
  }

  /**
   * The code is used up with the person, which must be there before they can be an operator. Whoever dies in between
   * leaves no operator: the next start shows a new code.
   *
   * @throws {RollcallError} `sign_in.link_dead`, `person.address_invalid`, `request.throttled`
   */
  async make(
    { token, ...who }: FirstOperator,
    visitor: Visitor,
    { request, response }: { request: Request; response: Response },
  ): Promise<{ returnTo: string }> {
    this.delay.assertMay(visitor.address);
    const organisationId = organisationOf(token);
    const installation = await this.operators.installationId();
    if (organisationId === null || organisationId !== installation) throw this.dead(visitor);
    const { requestId, address } = visitor;
    const by: AuditContext = { by: { kind: 'operator' }, requestId, address };
    const personId = await this.database.asOrganisation(organisationId, async (tx) => {
      if (!(await this.links.useFirst(tx, digestOf(token), this.clock.now()))) return null;
      return (await this.people.bringIn(tx, who, { isAdmin: true, by })).personId;
    });
    if (personId === null) throw this.dead(visitor);
    await this.operators.make(personId, by);
    const session = await this.database.asOrganisation(organisationId, (tx) => {
      const how = { strength: 'link', amr: [], acr: null, authenticatedAt: this.clock.now(), provider: null } as const;
      return this.entering.enter(tx, personId, how, visitor);
    });
    // O-10: what the browser had before ends.
    await this.sessions.endPresented(readCookie(request, 'session', this.site));
    setCookie(response, 'session', session.cookie, { site: this.site });
    return { returnTo: '/account' };
  }

  private dead(visitor: Visitor): RollcallError {
    this.delay.wrong(visitor.address);
    return new RollcallError(
      'sign_in.link_dead',
      'This code was used or is too old: start the service again, and it shows a new one while there is no operator.',
      { reason: 'dead' },
    );
  }
}
