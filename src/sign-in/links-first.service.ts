import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Visitor } from '../auth/caller.decorator.js';
import { setCookie, type PublicSite } from '../auth/cookies.js';
import { digestOf, organisationOf } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { Operators } from '../organisations/operators.service.js';
import { localReason } from '../people/local-reasons.js';
import { PeopleWriter } from '../people/people-writer.service.js';
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
    private readonly people: PeopleWriter,
    private readonly entering: Entering,
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
    { token, email, firstName, lastName }: FirstOperator,
    visitor: Visitor,
    { response }: { request: Request; response: Response },
  ): Promise<{ returnTo: string }> {
    this.delay.assertMay(visitor.address);
    const emailCanonical = canonicalEmail(email);
    if (emailCanonical === null)
      throw new RollcallError('person.address_invalid', 'This is not an e-mail address that can be used.');
    const organisationId = organisationOf(token);
    const installation = await this.operators.installationId();
    if (organisationId === null || organisationId !== installation) throw this.dead(visitor);
    const person = { email: email.normalize('NFC').trim(), emailCanonical, firstName, lastName };
    const personId = await this.database.asOrganisation(organisationId, async (tx) => {
      if (!(await this.links.useFirst(tx, digestOf(token), this.clock.now()))) return null;
      return (await this.links.receiverByAddress(tx, emailCanonical))?.personId ?? this.add(tx, person, visitor);
    });
    if (personId === null) throw this.dead(visitor);
    const { requestId, address } = visitor;
    await this.operators.make(personId, { by: { kind: 'operator' }, requestId, address });
    const session = await this.database.asOrganisation(organisationId, (tx) => {
      const how = { strength: 'link', amr: [], acr: null, authenticatedAt: this.clock.now(), provider: null } as const;
      return this.entering.enter(tx, personId, how, visitor);
    });
    setCookie(response, 'session', session.cookie, { site: this.site });
    return { returnTo: '/account' };
  }

  private async add(
    tx: Tx,
    person: { email: string; emailCanonical: string; firstName: string; lastName: string },
    { requestId, address }: Visitor,
  ): Promise<string> {
    const [id, personId] = [newId(), newId()];
    const after = { ...person, isAdmin: true, isProtected: false };
    const results = await this.people.apply(
      tx,
      [{ id, kind: 'add', personId, before: null, after, expectedVersion: null, reason: localReason('created_here') }],
      { origin: 'manual', actor: { kind: 'operator' }, requestId, address },
    );
    if (results.get(id) !== 'applied')
      throw new RollcallError('person.address_taken', 'Somebody here has this address already: use another one.');
    return personId;
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
