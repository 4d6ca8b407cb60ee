import { type Command, Option } from 'commander';
import { SessionsInUse } from '../auth/sessions-in-use.service.js';
import { Installation } from '../organisations/installation.service.js';
import { Links } from '../sign-in/links.service.js';
import { PasskeysOfPeople } from '../sign-in/passkeys-of-people.service.js';
import { acting, examples, inOrganisation, organisationOption, type Surroundings } from './command.js';
import { personCalled } from './naming.js';
import { assertId } from './session.js';
import { minute } from './text.js';

/** How people get in by hand, and out. */
export function accessCommands(program: Command, around: Surroundings): void {
  program
    .command('sign-in-link')
    .description('shows a link that signs somebody in, once, within 30 minutes, whatever is broken')
    .argument('<email>')
    .addOption(new Option('-o, --organisation <slug>', 'of which they are; without it, an operator'))
    .addHelpText('after', examples('sign-in-link ada@example.com', 'sign-in-link ana@acme.example -o acme'))
    .action(
      acting<{ organisation?: string }>(around, async (session, { organisation }, [email = '']) => {
        const id =
          organisation === undefined
            ? await session.service(Installation).ensure()
            : (await session.organisation(organisation)).id;
        const { url, expiresAt } = await session.service(Links).makeForCommandLine(id, email);
        session.output.result({ url, expiresAt: expiresAt.toISOString() }, () => {
          session.output.line(url);
          session.output.note(
            `Shown this once; good until ${minute(expiresAt.toISOString())} UTC. The audit log has it.`,
          );
        });
      }),
    );

  passkeyCommands(program, around);
  const sessions = program.command('session').description('where people are signed in');
  sessions
    .command('list')
    .description('lists where somebody is signed in')
    .addOption(organisationOption())
    .requiredOption('--person <person>', 'e-mail or id')
    .action(
      inOrganisation<{ person: string }>(around, async (session, organisationId, { person }) => {
        const id = await personCalled(session, organisationId, person);
        const view = await session.service(SessionsInUse).list(session.caller(organisationId), id);
        session.output.result(view, () =>
          session.output.table(
            ['DEVICE', 'FROM', 'BY', 'SINCE (UTC)', 'LAST USED (UTC)'],
            view.items.map((one) => [
              one.device,
              one.address,
              one.strength,
              minute(one.createdAt),
              minute(one.lastUsedAt),
            ]),
            'They are signed in nowhere.',
          ),
        );
      }),
    );
  sessions
    .command('end')
    .description('signs somebody out everywhere, at once')
    .addOption(organisationOption())
    .requiredOption('--person <person>', 'e-mail or id')
    .action(
      inOrganisation<{ person: string }>(around, async (session, organisationId, { person }) => {
        const id = await personCalled(session, organisationId, person);
        const view = await session.service(SessionsInUse).endAll(session.caller(organisationId), id);
        session.output.result(view, () => session.output.line(`Ended ${view.ended} sessions.`));
      }),
    );
}

/** The device is lost: its passkey goes, and where it signed somebody in ends. */
function passkeyCommands(program: Command, around: Surroundings): void {
  const passkeys = program.command('passkey').description('passkeys that people sign in with');
  passkeys
    .command('list')
    .description('lists the passkeys of somebody')
    .addOption(organisationOption())
    .requiredOption('--person <person>', 'e-mail or id')
    .action(
      inOrganisation<{ person: string }>(around, async (session, organisationId, { person }) => {
        const id = await personCalled(session, organisationId, person);
        const view = await session.service(PasskeysOfPeople).list(session.caller(organisationId), id);
        session.output.result(view, () =>
          session.output.table(
            ['ID', 'NAME', 'SINCE (UTC)', 'LAST USED (UTC)'],
            view.items.map((one) => [one.id, one.name, minute(one.createdAt), minute(one.lastUsedAt)]),
            'They have no passkey.',
          ),
        );
      }),
    );
  passkeys
    .command('remove')
    .description('removes a passkey of somebody, as of a device that is lost; they are signed out everywhere')
    .argument('<passkey>', 'id, as `list` shows it')
    .addOption(organisationOption())
    .requiredOption('--person <person>', 'e-mail or id')
    .action(
      inOrganisation<{ person: string }>(around, async (session, organisationId, { person }, [passkey = '']) => {
        const id = await personCalled(session, organisationId, person);
        const removing = session.service(PasskeysOfPeople);
        await removing.remove(session.caller(organisationId), id, assertId(passkey, 'passkey'), 'The command line');
        session.output.result({ removed: passkey }, () =>
          session.output.line('The passkey is removed, and they are signed out everywhere.'),
        );
      }),
    );
}
