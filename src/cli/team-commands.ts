import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { LONGEST_NAME } from '../frameworks/frameworks.types.js';
import { TeamsService } from '../frameworks/teams.service.js';
import { examples, inOrganisation, lineOf, organisationOption, type Surroundings } from './command.js';
import { frameworkCalled, frameworkOption, frameworks, teamCalled, teams } from './naming.js';
import { OPERATOR, type Session } from './session.js';
import type { TeamView } from './views.js';

interface Within {
  framework?: string;
}

/** Teams; a directory's department of the same name puts people into one. */
export function teamCommands(program: Command, around: Surroundings): void {
  const team = program.command('team').description('teams: whoever’s department has the name of one is in it');
  looking(team, around);
  changing(team, around);
}

function looking(team: Command, around: Surroundings): void {
  team
    .command('list')
    .description('lists teams')
    .addOption(organisationOption())
    .addOption(frameworkOption())
    .action(
      inOrganisation<Within>(around, async (session, id, { organisation, framework }) => {
        const within = framework === undefined ? undefined : (await frameworkCalled(session, id, framework)).id;
        const items = await teams(session, id, within);
        const names = new Map((await frameworks(session, id)).map((one) => [one.id, one.name]));
        session.output.result({ items }, () =>
          session.output.table(
            ['TEAM', 'MADE BY', 'FRAMEWORK'],
            items.map((one) => [
              one.name,
              one.origin === 'admin' ? 'an admin' : 'a sync',
              one.frameworkId === null ? null : names.get(one.frameworkId),
            ]),
            framework === undefined
              ? `There is no team yet: rollcall team create "Sales" -o ${organisation}\nOr let syncs make them of departments: rollcall connection set CONNECTION --policy createMissingTeams=true -o ${organisation}`
              : 'This framework has no team yet.',
          ),
        );
      }),
    );

  team
    .command('show')
    .description('shows a team')
    .argument('<team>', 'name or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, { organisation }, [which = '']) => {
        const view = await teamCalled(session, id, which);
        await show(session, id, view, `Its people: rollcall person list --team "${view.name}" -o ${organisation}`);
      }),
    );
}

function changing(team: Command, around: Surroundings): void {
  team
    .command('create')
    .description('makes a team; whose department has its name comes into it with the next run')
    .argument('<name>', '', lineOf(LONGEST_NAME))
    .addOption(organisationOption())
    .addOption(frameworkOption('whose positions it uses'))
    .addHelpText('after', examples('team create Sales -o acme', 'team create Platform -f Engineering -o acme'))
    .action(
      inOrganisation<Within>(around, async (session, id, { framework }, [name = '']) => {
        const frameworkId = framework === undefined ? null : (await frameworkCalled(session, id, framework)).id;
        const view = await session.service(TeamsService).create(id, { name, frameworkId }, OPERATOR);
        session.output.result(view, () => {
          session.output.line(`Made ${view.name}.`);
          session.output.note('Whose department has its name comes into it with the next run.');
        });
      }),
    );

  team
    .command('set')
    .description('renames a team, or gives it another framework')
    .argument('<team>', 'name or id')
    .addOption(organisationOption())
    .option('--rename <name>', 'another name', lineOf(LONGEST_NAME))
    .addOption(frameworkOption('whose positions it uses'))
    .option('--no-framework', 'it uses none')
    .addHelpText(
      'after',
      examples('team set Sales --rename "Field sales" -o acme', 'team set Sales -f Commercial -o acme'),
    )
    .action(
      inOrganisation<{ rename?: string; framework?: string | false }>(
        around,
        async (session, id, { rename, framework }, [which = '']) => {
          if (rename === undefined && framework === undefined)
            throw new RollcallError('request.invalid', 'Say what to change: --rename, --framework or --no-framework.');
          const before = await teamCalled(session, id, which);
          const frameworkId =
            typeof framework === 'string' ? (await frameworkCalled(session, id, framework)).id : framework === false ? null : undefined; // prettier-ignore
          const change = {
            ...(rename === undefined ? {} : { name: rename }),
            ...(frameworkId === undefined ? {} : { frameworkId }),
          };
          await show(session, id, await session.service(TeamsService).update(id, before.id, change, OPERATOR));
        },
      ),
    );

  team
    .command('delete')
    .description('deletes a team that nobody is in, with its aliases')
    .argument('<team>', 'name or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, _options, [which = '']) => {
        const view = await teamCalled(session, id, which);
        await session.service(TeamsService).remove(id, view.id, OPERATOR);
        session.output.result({ deleted: view.id }, () => session.output.line(`Deleted ${view.name}.`));
      }),
    );
}

async function show(session: Session, organisationId: string, view: TeamView, note?: string): Promise<void> {
  const framework = (await frameworks(session, organisationId)).find((one) => one.id === view.frameworkId);
  session.output.result(view, () => {
    session.output.facts({
      team: view.name,
      id: view.id,
      framework: framework?.name,
      'made by': view.origin === 'admin' ? 'an admin' : 'a sync',
    });
    if (note !== undefined) session.output.note(note);
  });
}
