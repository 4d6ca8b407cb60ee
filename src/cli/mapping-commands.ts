import type { Command } from 'commander';
import { AttributesService } from '../connections/attributes.service.js';
import { ConnectionKindsService } from '../connections/connection-kinds.service.js';
import { acting, examples, inOrganisation, organisationOption, type Surroundings } from './command.js';
import { showAttributes, showKind } from './connection-view.js';
import { OPERATOR } from './session.js';
import { changeOf, withMapping, type SettingsOptions } from './settings-options.js';

/** What can be connected to, and what of it can be mapped. */
export function mappingCommands(connection: Command, around: Surroundings): void {
  connection
    .command('kinds')
    .description('lists the kinds of directory, and how their credentials and settings are written')
    .action(
      acting(around, (session) => {
        const { output } = session;
        const { items } = session.service(ConnectionKindsService).list();
        output.result({ items }, () => {
          for (const kind of items) showKind(output, kind);
          output.note('What else may be mapped: rollcall connection attributes CONNECTION. The whole schemas: --json');
        });
        return Promise.resolve();
      }),
    );

  withMapping(
    connection
      .command('attributes')
      .description('lists the attributes of the directory, custom ones too, by the paths that --map takes')
      .argument('<connection>', 'name, id, or kind where there is just one')
      .addOption(organisationOption())
      .option('--custom', 'only those that the customer made'),
  )
    .addHelpText(
      'after',
      examples(
        'connection attributes Main -o acme',
        'connection attributes Main -o acme --custom --json',
        'connection attributes Main -o acme --map site=profile.workSite  # would that be right?',
      ),
    )
    .action(
      inOrganisation<SettingsOptions & { custom?: boolean }>(
        around,
        async (session, organisationId, { custom, organisation, ...options }, [which = '']) => {
          const { id, name, settings } = await session.connection(organisationId, which);
          const { scope, mapping } = changeOf(options, { ...settings.mapping });
          const view = await session.service(AttributesService).list(organisationId, id, { scope, mapping }, OPERATOR);
          const shown = { ...view, items: view.items.filter((one) => custom !== true || one.custom) };
          session.output.result(shown, () => {
            showAttributes(session.output, shown);
            session.output.note(`Map one: rollcall connection set "${name}" --map FIELD=PATH -o ${organisation}`);
          });
          return view.missing === null && view.unlisted.length === 0 ? 'done' : 'attention';
        },
      ),
    );
}
