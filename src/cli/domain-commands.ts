import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { DomainsService } from '../organisations/domains.service.js';
import type { DomainView } from '../organisations/organisations.types.js';
import { acting, organisationOption, type Surroundings } from './command.js';
import { domainCheckCommand } from './domain-check-command.js';
import { OPERATOR, type Session } from './session.js';
import { minute } from './text.js';

const MOST_SHOWN = 10_000;

interface Of {
  organisation: string;
}

/** E-mail domains: only in verified ones does an address link to somebody by itself. */
export function domainCommands(program: Command, around: Surroundings): void {
  const domain = program.command('domain').description('e-mail domains of an organisation');
  domainCheckCommand(domain, around);

  domain
    .command('add')
    .description('notes a domain, and shows the DNS record that proves it')
    .argument('<name>')
    .addOption(organisationOption())
    .action(
      acting<Of>(around, async (session, { organisation }, [name = '']) => {
        const { id } = await session.organisation(organisation);
        const view = await session.service(DomainsService).add(id, name, OPERATOR);
        session.output.result(view, () => {
          const { type, name: at, value } = view.dnsRecord;
          session.output.line(`${view.name} is noted. To prove it, its keeper sets this DNS record:`);
          session.output.facts({ type, name: at, value });
          session.output.note(
            `Once it is there, or when you know that it is theirs: rollcall domain verify ${view.name} --organisation ${organisation} --reason "…"`,
          );
        });
      }),
    );

  domain
    .command('list')
    .description('lists domains')
    .addOption(organisationOption())
    .action(
      acting<Of>(around, async (session, { organisation }) => {
        const all = await domainsOf(session, (await session.organisation(organisation)).id);
        session.output.result({ items: all }, () =>
          session.output.table(
            ['DOMAIN', 'VERIFIED (UTC)', 'BY'],
            all.map((one) => [one.name, one.verifiedAt === null ? 'no' : minute(one.verifiedAt), one.verifiedBy]),
            `There is no domain yet: rollcall domain add acme.example -o ${organisation}`,
          ),
        );
      }),
    );

  domain
    .command('verify')
    .description('verifies a domain by hand')
    .argument('<name>')
    .addOption(organisationOption())
    .requiredOption('--reason <reason>', 'how you know that it is theirs; kept in the audit log')
    .action(
      acting<Of & { reason: string }>(around, async (session, { organisation, reason }, [name = '']) => {
        const { id } = await session.organisation(organisation);
        const view = await session.service(DomainsService).verifyAsOperator(id, name, reason);
        session.output.result(view, () => session.output.line(`${view.name} is verified.`));
      }),
    );

  domain
    .command('remove')
    .description('removes a domain')
    .argument('<name>')
    .addOption(organisationOption())
    .action(
      acting<Of>(around, async (session, { organisation }, [name = '']) => {
        const { id } = await session.organisation(organisation);
        const found = (await domainsOf(session, id)).find((one) => one.name === name.toLowerCase());
        if (!found) throw new RollcallError('domain.not_found', 'There is no such domain in this organisation.');
        await session.service(DomainsService).remove(id, found.id, OPERATOR);
        session.output.result({ removed: name }, () => session.output.line(`Removed ${name}.`));
      }),
    );
}

function domainsOf(session: Session, organisationId: string): Promise<DomainView[]> {
  const domains = session.service(DomainsService);
  return session.all((cursor) => domains.list(organisationId, { limit: 200, cursor }), MOST_SHOWN);
}
