import { type Command, InvalidArgumentError } from 'commander';
import { ApiKeysService, DEFAULT_KEY_DAYS } from '../auth/api-keys.service.js';
import { ALL_SCOPES, SCOPES, type Scope } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { acting, collect, organisationOption, wholeNumber, type Surroundings } from './command.js';
import { assertId, OPERATOR } from './session.js';
import { ago, minute } from './text.js';

const MOST_SHOWN = 10_000;

interface NewKey {
  organisation: string;
  name: string;
  scopes: Scope[];
  network?: string[];
  days: number;
}

/** API keys. The first of an organisation can be made here alone. */
export function keyCommands(program: Command, around: Surroundings): void {
  const key = program.command('key').description('API keys of an organisation');

  key
    .command('create')
    .description('makes a key and shows it, this once')
    .addOption(organisationOption())
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--scopes <scopes>', 'comma-separated, or "all"', scopes)
    .option('--network <cidr>', 'may be used from there only; repeatable', collect)
    .option('--days <days>', 'days until it ends', wholeNumber(1, 365), DEFAULT_KEY_DAYS)
    .addHelpText(
      'after',
      `\nScopes:\n${Object.entries(SCOPES)
        .map(([name, text]) => `  ${name.padEnd(20)} ${text}`)
        .join('\n')}`,
    )
    .action(
      acting<NewKey>(around, async (session, { organisation, name, scopes: wanted, network, days }) => {
        const { id } = await session.organisation(organisation);
        const order = { name, scopes: wanted, networks: network ?? [], expiresInDays: days };
        const made = await session.service(ApiKeysService).createAsOperator(id, order);
        session.output.result(made, () => {
          session.output.line(made.key);
          session.output.note(`Shown this once. It ends on ${minute(made.apiKey.expiresAt)} UTC.`);
        });
      }),
    );

  key
    .command('list')
    .description('lists keys, never the keys themselves')
    .addOption(organisationOption())
    .action(
      acting<{ organisation: string }>(around, async (session, { organisation }) => {
        const { id } = await session.organisation(organisation);
        const keys = session.service(ApiKeysService);
        const all = await session.all((cursor) => keys.list(id, { limit: 200, cursor }), MOST_SHOWN);
        const now = session.service<Clock>(CLOCK as never).now();
        session.output.result({ items: all }, () =>
          session.output.table(
            ['ID', 'NAME', 'BEGINS', ''],
            all.map((one) => [
              one.id,
              one.name,
              one.lookup,
              `${one.revokedAt ? 'revoked' : `until ${minute(one.expiresAt)}`}, used ${ago(one.lastUsedAt, now)}: ${one.scopes.join(' ')}`,
            ]),
            'There is no key yet: rollcall key create …',
          ),
        );
      }),
    );

  key
    .command('revoke')
    .description('ends a key at once')
    .argument('<id>')
    .addOption(organisationOption())
    .action(
      acting<{ organisation: string }>(around, async (session, { organisation }, [id = '']) => {
        const { id: organisationId } = await session.organisation(organisation);
        const view = await session.service(ApiKeysService).revoke(organisationId, assertId(id, 'key'), OPERATOR);
        session.output.result(view, () => session.output.line(`Revoked ${view.name}.`));
      }),
    );
}

function scopes(text: string): Scope[] {
  if (text === 'all') return [...ALL_SCOPES];
  const wanted = text.split(',').map((one) => one.trim());
  const unknown = wanted.filter((one) => !(ALL_SCOPES as readonly string[]).includes(one));
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no scope ${unknown.join(', ')}.`);
  return wanted as Scope[];
}
