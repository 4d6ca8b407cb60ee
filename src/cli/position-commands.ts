import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { LONGEST_NAME } from '../frameworks/frameworks.types.js';
import { PositionsService } from '../frameworks/positions.service.js';
import { examples, inOrganisation, lineOf, organisationOption, wholeNumber, type Surroundings } from './command.js';
import { frameworkCalled, frameworkOption, frameworks, positionCalled, positions } from './naming.js';
import { OPERATOR } from './session.js';
import type { PositionView } from './views.js';

interface Within {
  framework?: string;
}

const RANK = '1 is the most junior';

/** Positions of frameworks; a directory's title of the same name gives people one. */
export function positionCommands(program: Command, around: Surroundings): void {
  const position = program
    .command('position')
    .description('positions: whoever’s title has the name of one in their team’s framework holds it');
  listing(position, around);
  changing(position, around);
}

function listing(position: Command, around: Surroundings): void {
  position
    .command('list')
    .description('lists positions by framework, the most junior first')
    .addOption(organisationOption())
    .addOption(frameworkOption())
    .action(
      inOrganisation<Within>(around, async (session, id, { organisation, framework }) => {
        const within = framework === undefined ? undefined : (await frameworkCalled(session, id, framework)).id;
        const items = await positions(session, id, within);
        const all = await frameworks(session, id);
        // By the framework's name for people; a script gets the order of the API.
        const shown = all.flatMap((one) =>
          items.filter(({ frameworkId }) => frameworkId === one.id).map((each) => [one.name, each.rank, each.name]),
        );
        session.output.result({ items }, () =>
          session.output.table(
            ['FRAMEWORK', 'RANK', 'POSITION'],
            shown,
            `There is no position yet: rollcall position create "Engineer" -f "${framework ?? 'Engineering'}" -o ${organisation}`,
          ),
        );
      }),
    );
}

function changing(position: Command, around: Surroundings): void {
  position
    .command('create')
    .description('makes a position; whose title has its name holds it with the next run')
    .argument('<name>', '', lineOf(LONGEST_NAME))
    .addOption(organisationOption())
    .addOption(frameworkOption('of which framework').makeOptionMandatory())
    .option('--rank <number>', `${RANK}; left out, it is the most senior so far`, wholeNumber(1, 10_000))
    .addHelpText(
      'after',
      examples(
        'position create "Engineer" -f Engineering -o acme',
        'position create "Junior Engineer" -f Engineering --rank 1 -o acme',
      ),
    )
    .action(
      inOrganisation<{ framework: string; rank?: number }>(
        around,
        async (session, id, { framework, rank }, [name = '']) => {
          const within = await frameworkCalled(session, id, framework);
          const view = await session
            .service(PositionsService)
            .create(id, { frameworkId: within.id, name, rank }, OPERATOR);
          session.output.result(view, () => {
            session.output.line(`Made ${placed(view)} of ${within.name}.`);
            session.output.note('Whose title has its name holds it with the next run.');
          });
        },
      ),
    );

  position
    .command('set')
    .description('renames a position, or moves it in the order of its framework')
    .argument('<position>', 'name or id')
    .addOption(organisationOption())
    .addOption(frameworkOption('tells positions of one name apart'))
    .option('--rename <name>', 'another name', lineOf(LONGEST_NAME))
    .option('--rank <number>', RANK, wholeNumber(1, 10_000))
    .addHelpText('after', examples('position set Engineer --rename "Software Engineer" --rank 2 -o acme'))
    .action(
      inOrganisation<Within & { rename?: string; rank?: number }>(
        around,
        async (session, id, { framework, rename, rank }, [which = '']) => {
          if (rename === undefined && rank === undefined)
            throw new RollcallError('request.invalid', 'Say what to change: --rename or --rank.');
          const before = await positionCalled(session, id, which, framework);
          const change = {
            ...(rename === undefined ? {} : { name: rename }),
            ...(rank === undefined ? {} : { rank }),
          };
          const view = await session.service(PositionsService).update(id, before.id, change, OPERATOR);
          session.output.result(view, () =>
            session.output.line(
              `${before.name} is now ${view.name === before.name ? `number ${view.rank}` : placed(view)}.`,
            ),
          );
        },
      ),
    );

  position
    .command('delete')
    .description('deletes a position that nobody holds, with its aliases')
    .argument('<position>', 'name or id')
    .addOption(organisationOption())
    .addOption(frameworkOption('tells positions of one name apart'))
    .action(
      inOrganisation<Within>(around, async (session, id, { framework }, [which = '']) => {
        const view = await positionCalled(session, id, which, framework);
        await session.service(PositionsService).remove(id, view.id, OPERATOR);
        session.output.result({ deleted: view.id }, () => session.output.line(`Deleted ${view.name}.`));
      }),
    );
}

function placed({ name, rank }: PositionView): string {
  return `${name}, number ${rank}`;
}
