import type { Command } from 'commander';
import { CLOCK, type Clock } from '../common/clock.js';
import { SetUpLinks } from '../organisations/set-up-links.service.js';
import type { SetUpLinkView } from '../organisations/organisations.types.js';
import { examples, inOrganisation, lineOf, organisationOption, wholeNumber, type Surroundings } from './command.js';
import { assertId, OPERATOR } from './session.js';
import { minute } from './text.js';

const MOST_SHOWN = 10_000;

interface Order {
  sso?: true;
  directory?: true;
  note: string;
  hours?: number;
}

/** Links by which the IT of a customer sets up, without an account. */
export function setUpLinkCommands(program: Command, around: Surroundings): void {
  const link = program.command('set-up-link').description('links for the IT of a customer, who have no account');

  link
    .command('create')
    .description('makes a link and shows it, this once')
    .addOption(organisationOption())
    .option('--sso', 'to set up single sign-on')
    .option('--directory', 'to set up directory sync; without either, both')
    .requiredOption('--note <note>', 'for whom it is', lineOf(200))
    .option('--hours <hours>', 'how long it can be opened', wholeNumber(1, 720))
    .addHelpText('after', examples('set-up-link create -o acme --sso --note "Ana of IT" --hours 48'))
    .action(
      inOrganisation<Order>(around, async (session, organisationId, { sso, directory, note, hours }) => {
        const kinds: SetUpLinkView['kinds'] = [];
        if (sso || !directory) kinds.push('sso');
        if (directory || !sso) kinds.push('directory');
        const made = await session.service(SetUpLinks).make(organisationId, { kinds, note, hours }, OPERATOR);
        session.output.result(made, () => {
          session.output.line(made.url);
          session.output.note(`Shown this once; it opens once, until ${minute(made.link.expiresAt)} UTC.`);
        });
      }),
    );

  link
    .command('list')
    .description('lists links, never the links themselves')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, organisationId) => {
        const links = session.service(SetUpLinks);
        const all = await session.all((cursor) => links.list(organisationId, { limit: 200, cursor }), MOST_SHOWN);
        const now = session
          .service<Clock>(CLOCK as never)
          .now()
          .toISOString();
        session.output.result({ items: all }, () =>
          session.output.table(
            ['ID', 'FOR', 'SETS UP', ''],
            all.map((one) => [one.id, one.note, one.kinds.join(', '), standing(one, now)]),
            'There is no set-up link yet: rollcall set-up-link create …',
          ),
        );
      }),
    );

  link
    .command('revoke')
    .description('ends a link, and what was begun by it, at once')
    .argument('<id>')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, organisationId, _options, [id = '']) => {
        const view = await session.service(SetUpLinks).revoke(organisationId, assertId(id, 'set-up link'), OPERATOR);
        session.output.result(view, () => session.output.line(`Revoked the link for ${view.note}.`));
      }),
    );
}

function standing({ revokedAt, usedAt, expiresAt }: SetUpLinkView, now: string): string {
  if (revokedAt !== null) return `revoked ${minute(revokedAt)}`;
  if (usedAt !== null) return `opened ${minute(usedAt)}`;
  return expiresAt <= now ? `over since ${minute(expiresAt)}` : `until ${minute(expiresAt)}`;
}
