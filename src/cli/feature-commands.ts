import { type Command, InvalidArgumentError } from 'commander';
import { RollcallError } from '../common/errors.js';
import { OperatorOrganisations } from '../operators/operator-organisations.service.js';
import { OrganisationDeletion } from '../organisations/organisation-deletion.service.js';
import { acting, examples, type Surroundings } from './command.js';
import { OPERATOR } from './session.js';
import { minute } from './text.js';

interface Switches {
  sso?: boolean;
  directorySync?: boolean;
}

/** What the operator switches on and off for an organisation, and how one ends. */
export function featureCommands(organisation: Command, around: Surroundings): void {
  organisation
    .command('feature')
    .description('switches features of an organisation on and off')
    .argument('<slug>')
    .option('--sso <on|off>', 'single sign-on', onOrOff)
    .option('--directory-sync <on|off>', 'directory sync', onOrOff)
    .addHelpText('after', examples('organisation feature acme --sso on --directory-sync off'))
    .action(
      acting<Switches>(around, async (session, { sso, directorySync }, [slug = '']) => {
        if (sso === undefined && directorySync === undefined)
          throw new RollcallError('request.invalid', 'Say what to switch: --sso on|off, --directory-sync on|off.');
        const { id } = await session.organisation(slug);
        const view = await session.service(OperatorOrganisations).change(id, { sso, directorySync }, OPERATOR);
        session.output.result(view, () =>
          session.output.facts({
            'single sign-on': view.sso ? 'on' : 'off',
            'directory sync': view.directorySync ? 'on' : 'off',
          }),
        );
      }),
    );

  organisation
    .command('delete')
    .description('asks for the deletion of an organisation: at once nobody signs in, in seven days it is gone')
    .argument('<slug>')
    .requiredOption('--confirm <slug>', 'the short name again')
    .action(
      acting<{ confirm: string }>(around, async (session, { confirm }, [slug = '']) => {
        const { id } = await session.organisation(slug);
        const deleteAfter = await session.service(OrganisationDeletion).ask(id, confirm, OPERATOR);
        session.output.result({ deleteAfter: deleteAfter.toISOString() }, () => {
          session.output.line(`${slug} will be gone after ${minute(deleteAfter.toISOString())} UTC.`);
          session.output.note(`Until then: rollcall organisation keep ${slug}`);
        });
      }),
    );

  organisation
    .command('keep')
    .description('takes the deletion of an organisation back')
    .argument('<slug>')
    .action(
      acting(around, async (session, _options, [slug = '']) => {
        const { id } = await session.organisation(slug);
        await session.service(OrganisationDeletion).stop(id, OPERATOR);
        session.output.result({ deleteAfter: null }, () => session.output.line(`${slug} stays.`));
      }),
    );
}

function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('It must be on or off.');
}
