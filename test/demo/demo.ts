import { parseArgs } from 'node:util';
import { connectGoogle, connectOkta, startHouse, synced } from './connecting.ts';
import { goOn, whereToLook } from './going-on.ts';
import { inviting } from './inviting.ts';
import { Screen } from './screen.ts';
import { signingIn } from './signing-in.ts';
import { accident, live } from './story.ts';
import { closeWorld, openWorld, Unexpected, type World } from './world.ts';

const HELP = `npm run demo [-- --once]

A company of 1,000 people is served as Okta and as Google Workspace. Rollcall starts on an
empty database in a temporary folder, connects both, and follows what happens to people.
They sign in at an identity provider; who leaves is out. A company without a directory
invites people by mail and by a file; a mail catcher shows what was sent.

  --once       tells the story once; exit code 0 when every step came out as it should
               (also with CI in the environment)
  --people N   another size, 60 to 100000

ctrl-C stops everything and removes the folder.`;

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: (process.env['CI'] ?? '') !== '' },
    people: { type: 'string', default: '1000' },
    help: { type: 'boolean', default: false },
  },
});

const people = Number(values.people);
if (values.help) console.log(HELP);
else if (!Number.isInteger(people) || people < 60 || people > 100_000) {
  console.error('--people takes a whole number from 60 to 100000.');
  process.exitCode = 2;
} else process.exitCode = await demo(values.once);

async function demo(once: boolean): Promise<number> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const screen = new Screen();
  const world = await openWorld(people, screen, stopped.signal);
  try {
    await tell(world, once);
    return 0;
  } catch (error) {
    if (stopped.signal.aborted) return once ? 130 : 0;
    screen.raw(`\n${error instanceof Unexpected ? error.message : String((error as Error).stack ?? error)}`);
    return 1;
  } finally {
    screen.raw(stopped.signal.aborted ? '\nStopping …' : '');
    await closeWorld(world);
    screen.raw(`Everything is stopped, and ${world.house.folder} is removed.`);
  }
}

async function tell(world: World, once: boolean): Promise<void> {
  const steps = [startHouse, connectOkta, connectGoogle, synced, live, signingIn, accident, inviting];
  for (const step of steps) {
    world.signal.throwIfAborted();
    await step(world);
  }
  whereToLook(world);
  if (once) world.screen.raw('\nEvery step came out as it should.');
  else await goOn(world);
}
