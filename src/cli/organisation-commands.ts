import type { Command } from 'commander';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { acting, type Surroundings } from './command.js';
import { featureCommands } from './feature-commands.js';
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
            `Next: rollcall connection add --organisation ${slug} …, or rollcall key create --organisation ${slug} …`,
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
        const view = await session.service(OrganisationsService).show(id);
        session.output.result(view, () => session.output.facts(view));
      }),
    );
}
