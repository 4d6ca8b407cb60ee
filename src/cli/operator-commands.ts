import type { Command } from 'commander';
import { RollcallError } from '../common/errors.js';
import { canonicalEmail } from '../common/email.js';
import { OperatorsManaging } from '../operators/operators-managing.service.js';
import { acting, examples, lineOf, type Surroundings } from './command.js';
import { OPERATOR } from './session.js';
import { minute } from './text.js';

interface Named {
  firstName?: string;
  lastName?: string;
}

/** Who runs this installation. */
export function operatorCommands(program: Command, around: Surroundings): void {
  const operator = program.command('operator').description('who runs this installation, signed in or not');

  operator
    .command('add')
    .description('makes somebody an operator')
    .argument('<email>')
    .option('--first-name <name>', 'of somebody new', lineOf(200))
    .option('--last-name <name>', 'of somebody new', lineOf(200))
    .addHelpText('after', examples('operator add ada@example.com --first-name Ada', 'sign-in-link ada@example.com'))
    .action(
      acting<Named>(around, async (session, { firstName = null, lastName = null }, [email = '']) => {
        const view = await session.service(OperatorsManaging).add({ email, firstName, lastName }, OPERATOR);
        session.output.result(view, () => {
          session.output.line(`${view.email} is an operator.`);
          session.output.note(`A link to sign in: rollcall sign-in-link ${view.email}`);
        });
      }),
    );

  operator
    .command('list')
    .description('lists operators')
    .action(
      acting(around, async (session) => {
        const view = await session.service(OperatorsManaging).list();
        session.output.result(view, () =>
          session.output.table(
            ['E-MAIL', 'NAME', 'SINCE (UTC)', ''],
            view.items.map((one) => [
              one.email,
              [one.firstName, one.lastName].filter((name) => name !== null).join(' '),
              minute(one.madeAt),
              one.active ? '' : 'archived: cannot sign in',
            ]),
            'There is no operator yet: rollcall operator add …',
          ),
        );
      }),
    );

  operator
    .command('end')
    .description('ends somebody as operator; their sessions end at once')
    .argument('<email>')
    .action(
      acting(around, async (session, _options, [email = '']) => {
        const operators = session.service(OperatorsManaging);
        const wanted = canonicalEmail(email);
        const found = (await operators.list()).items.find((one) => canonicalEmail(one.email) === wanted);
        if (!found) throw new RollcallError('operator.not_found', 'No operator has this address.');
        await operators.end(found.personId, OPERATOR);
        session.output.result({ ended: found.personId }, () => session.output.line(`${found.email} is no operator.`));
      }),
    );
}
