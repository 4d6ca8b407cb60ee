import type { Command } from 'commander';
import { canonicalDomain } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { DomainChecks } from '../organisations/domain-checks.service.js';
import { DomainsService } from '../organisations/domains.service.js';
import { inOrganisation, organisationOption, type Surroundings } from './command.js';
import { OPERATOR } from './session.js';

const MOST_SHOWN = 10_000;

/** Looks in the DNS for the record of a domain. */
export function domainCheckCommand(domain: Command, around: Surroundings): void {
  domain
    .command('check')
    .description('looks in the DNS now, and verifies the domain when its record is there')
    .argument('<name>')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, organisationId, _options, [name = '']) => {
        const domains = session.service(DomainsService);
        const all = await session.all((cursor) => domains.list(organisationId, { limit: 200, cursor }), MOST_SHOWN);
        const found = all.find((one) => one.name === canonicalDomain(name));
        if (!found) throw new RollcallError('domain.not_found', 'There is no such domain in this organisation.');
        const view = await session.service(DomainChecks).check(organisationId, found.id, OPERATOR);
        session.output.result(view, () => session.output.line(`${view.name} is verified.`));
      }),
    );
}
