import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type { OrganisationView } from '../organisations/organisations.types.js';
import { acting, examples, lineOf, wholeNumber, type Surroundings } from './command.js';
import { featureCommands } from './feature-commands.js';
import type { Session } from './session.js';
import { minute } from './text.js';

/** Organisations of this installation; only the operator makes one. */
export function organisationCommands(program: Command, around: Surroundings): void {
  const organisation = program.command('organisation').alias('org').description('organisations of this installation');
  featureCommands(organisation, around);

  organisation
    .command('create')
    .description('makes an organisation')
    .argument('<name>')
    .requiredOption('--slug <slug>', 'short name for the command line: a to z, 0 to 9 and -, 2 to 63 characters')
    .option('--sso', 'switches single sign-on on')
    .option('--directory-sync', 'switches directory sync on')
    .action(
      acting<{ slug: string; sso?: true; directorySync?: true }>(around, async (session, options, [name = '']) => {
        const { slug, sso = false, directorySync = false } = options;
        const made = await session.service(OrganisationsService).create({ name, slug, sso, directorySync });
        session.output.result(made, () => {
          session.output.line(`Made ${name}.`);
          session.output.note(
            `Next: rollcall connection add --provider KIND --name Main -o ${slug} (kinds: rollcall connection kinds)`,
          );
        });
      }),
    );

  organisation
    .command('list')
    .description('lists organisations')
    .action(
      acting(around, async (session) => {
        const all = await session.service(OrganisationsService).list();
        session.output.result({ items: all }, () =>
          session.output.table(
            ['SLUG', 'NAME', 'STOPPED', 'SINCE (UTC)'],
            all.map((one) => [
              one.slug,
              one.name,
              one.stopReason ?? (one.stoppedAt ? 'yes' : 'no'),
              minute(one.createdAt.toISOString()),
            ]),
            'There is no organisation yet: rollcall organisation create "Acme" --slug acme --directory-sync',
          ),
        );
      }),
    );

  organisation
    .command('show')
    .description('shows an organisation with its settings')
    .argument('<slug>')
    .action(
      acting(around, async (session, _options, [slug = '']) => {
        const { id } = await session.organisation(slug);
        showOrganisation(session, await session.service(OrganisationsService).show(id));
      }),
    );

  organisation
    .command('set')
    .description('changes settings of an organisation')
    .argument('<slug>')
    .option('--name <name>', 'what it is called', lineOf(200))
    .option('--runs-kept-days <days>', 'how long runs are kept, and can be undone', wholeNumber(7, 400))
    .addHelpText('after', examples('organisation set acme --name "Acme Ltd" --runs-kept-days 30'))
    .action(
      acting<{ name?: string; runsKeptDays?: number }>(around, async (session, { name, runsKeptDays }, [slug = '']) => {
        const { id } = await session.organisation(slug);
        if (name === undefined && runsKeptDays === undefined)
          throw new RollcallError('request.invalid', 'Say what to change: --name or --runs-kept-days.');
        const change = { ...(name === undefined ? {} : { name }), ...(runsKeptDays === undefined ? {} : { runsKeptDays }) };
        showOrganisation(session, await session.service(OrganisationsService).update(session.caller(id), change));
      }),
    );
} // prettier-ignore

function showOrganisation({ output }: Session, view: OrganisationView): void {
  const since = view.stoppedAt ?? view.installationStoppedAt;
  output.result(view, () =>
    output.facts({
      organisation: view.name,
      'short name': view.slug,
      id: view.id,
      'runs are kept': `${view.runsKeptDays} days`,
      stopped: since === null ? 'no' : `${minute(since)} UTC${view.stopReason === null ? '' : `: ${view.stopReason}`}`,
      made: `${minute(view.createdAt)} UTC`,
    }),
  );
}
