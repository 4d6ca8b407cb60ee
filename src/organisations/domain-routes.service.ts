import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { canonicalDomain } from '../common/email.js';
import { Database } from '../database/database.service.js';
import { lapsedBefore } from './domain-rules.js';
import { DomainRoutesRepository, type DomainRoute } from './domain-routes.repository.js';

/**
 * Where somebody signs in, by the domain of their address alone: whether the address exists is never looked at, so the
 * answer cannot tell. Nothing is remembered: a provider that is disabled leads nobody there any more.
 */
@Injectable()
export class DomainRoutes {
  constructor(
    private readonly database: Database,
    private readonly routes: DomainRoutesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns Null when no organisation with an active provider has verified the domain. */
  async ofDomain(domain: string): Promise<DomainRoute | null> {
    const name = canonicalDomain(domain);
    if (name === null) return null;
    const lapsed = lapsedBefore(this.clock.now());
    return this.database.asWorker((worker) => this.routes.ofDomain(worker, name, lapsed), { readOnly: true });
  }
}
