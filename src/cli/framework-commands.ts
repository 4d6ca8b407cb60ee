import type { Command } from 'commander';
import { FrameworksService } from '../frameworks/frameworks.service.js';
import { LONGEST_NAME } from '../frameworks/frameworks.types.js';
import { examples, inOrganisation, lineOf, organisationOption, type Surroundings } from './command.js';
import { frameworkCalled, frameworks, positions, teams } from './naming.js';
import { OPERATOR } from './session.js';

/** Frameworks: named sets of positions, each used by any number of teams. */
export function frameworkCommands(program: Command, around: Surroundings): void {
  const framework = program
    .command('framework')
    .description('frameworks: positions in order of seniority, which teams share');
  looking(framework, around);
  changing(framework, around);
}

function looking(framework: Command, around: Surroundings): void {
  framework
    .command('list')
    .description('lists frameworks with their teams and positions')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, { organisation }) => {
        const items = await frameworks(session, id);
        const [allTeams, allPositions] = [await teams(session, id), await positions(session, id)];
        session.output.result({ items }, () =>
          session.output.table(
            ['FRAMEWORK', 'POSITIONS', 'TEAMS'],
            items.map((one) => [
              one.name,
              allPositions.filter(({ frameworkId }) => frameworkId === one.id).length,
              allTeams
                .filter(({ frameworkId }) => frameworkId === one.id)
                .map(({ name }) => name)
                .join(', ') || null,
            ]),
            `There is no framework yet: rollcall framework create "Engineering" -o ${organisation}`,
          ),
        );
      }),
    );

  framework
    .command('show')
    .description('shows a framework: its positions, the most senior first, and its teams')
    .argument('<framework>', 'name or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, { organisation }, [name = '']) => {
        const view = await frameworkCalled(session, id, name);
        const [its, itsTeams] = [await positions(session, id, view.id), await teams(session, id, view.id)];
        const { output } = session;
        output.result({ ...view, positions: its, teams: itsTeams }, () => {
          output.facts({
            framework: view.name,
            id: view.id,
            teams: itsTeams.map((one) => one.name).join(', ') || null,
          });
          output.line();
          output.table(
            ['RANK', 'POSITION'],
            its.toReversed().map((one) => [one.rank, one.name]),
            `It has no position yet: rollcall position create "Engineer" -f "${view.name}" -o ${organisation}`,
          );
        });
      }),
    );
}

function changing(framework: Command, around: Surroundings): void {
  framework
    .command('create')
    .description('makes a framework')
    .argument('<name>', '', lineOf(LONGEST_NAME))
    .addOption(organisationOption())
    .addHelpText('after', examples('framework create Engineering -o acme'))
    .action(
      inOrganisation(around, async (session, id, { organisation }, [name = '']) => {
        const view = await session.service(FrameworksService).create(id, name, OPERATOR);
        session.output.result(view, () => {
          session.output.line(`Made ${view.name}.`);
          session.output.note(
            `Next: rollcall position create "…" -f "${view.name}" -o ${organisation}, the most junior first`,
          );
        });
      }),
    );

  framework
    .command('rename')
    .description('gives a framework another name')
    .argument('<framework>', 'name or id')
    .argument('<name>', '', lineOf(LONGEST_NAME))
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, _options, [which = '', name = '']) => {
        const before = await frameworkCalled(session, id, which);
        const view = await session.service(FrameworksService).rename(id, before.id, name, OPERATOR);
        session.output.result(view, () => session.output.line(`${before.name} is now ${view.name}.`));
      }),
    );

  framework
    .command('delete')
    .description('deletes a framework that has neither teams nor positions')
    .argument('<framework>', 'name or id')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, id, _options, [which = '']) => {
        const view = await frameworkCalled(session, id, which);
        await session.service(FrameworksService).remove(id, view.id, OPERATOR);
        session.output.result({ deleted: view.id }, () => session.output.line(`Deleted ${view.name}.`));
      }),
    );
}
