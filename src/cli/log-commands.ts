import type { Command } from 'commander';
import { Log } from '../people/log.service.js';
import { acting, organisationOption, wholeNumber, type Surroundings } from './command.js';
import { assertId } from './session.js';
import { second } from './text.js';

interface Of {
  organisation: string;
  limit: number;
}

/** What happened to the people of an organisation. */
export function logCommands(program: Command, around: Surroundings): void {
  program
    .command('events')
    .description('lists what happened to people, the oldest first; each event once, in order')
    .addOption(organisationOption())
    .option('--after <event>', 'id of the last event that you read')
    .option('--limit <number>', 'how many', wholeNumber(1, 100_000), 200)
    .addHelpText('after', '\nExample:\n  rollcall events -o acme --json')
    .action(
      acting<Of & { after?: string }>(around, async (session, { organisation, after, limit }) => {
        const { id } = await session.organisation(organisation);
        const log = session.service(Log);
        const from = after === undefined ? undefined : assertId(after, 'event');
        const items = await session.all(async (cursor) => {
          const feed = await log.events(id, { after: cursor ?? from, limit: Math.min(200, limit) });
          return { items: feed.items, next: feed.more ? feed.next : null };
        }, limit);
        const next = items.at(-1)?.id ?? after ?? null;
        session.output.result({ items, next }, () => {
          session.output.table(
            ['AT (UTC)', 'EVENT', 'PERSON'],
            items.map((one) => [second(one.at), one.type, one.personId]),
            'Nothing happened yet.',
          );
          if (items.length === limit && next !== null) session.output.note(`What comes after these: --after ${next}`);
        });
      }),
    );
}
