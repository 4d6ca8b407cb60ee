import { setTimeout as wait } from 'node:timers/promises';
import type { Person } from '../simulators/index.ts';
import { paint } from './screen.ts';
import { told } from './story.ts';
import { nameOf, syncBoth, type World } from './world.ts';

/** Time to read a line before the next thing happens. */
const EVERY_MS = 4_000;

/** The addresses to look at, and what to type. */
export function whereToLook({ screen, house, post, keys }: World): void {
  screen.chapter('Look for yourself, in another terminal');
  screen.say('API', `${house.url}/api/docs`);
  screen.say('Mails', post.url);
  screen.raw();
  for (const command of [
    `export ROLLCALL_CONFIG=${house.config}`,
    'npm run rollcall -- status',
    'npm run rollcall -- run list -o acme',
    'npm run rollcall -- person list -o birch --search maria',
    'npm run rollcall -- inbox -o acme',
    'npm run rollcall -- person list -o cedar',
    'npm run rollcall -- connection undo Okta -o acme',
    '',
    `KEY=${keys['acme'] ?? ''}`,
    `curl -H "Authorization: Bearer $KEY" '${house.url}/api/v1/people?limit=3'`,
  ])
    screen.raw(command === '' ? '' : `   ${paint('dim', '$')} ${command}`);
}

/** Life goes on until ctrl-C: now and then something happens, and arrives. */
export async function goOn(world: World): Promise<void> {
  const { screen, company, signal } = world;
  screen.chapter('Life goes on; ctrl-C stops everything');
  const happenings: readonly [string, () => Person[]][] = [
    ['joins', () => company.join(1)],
    ['moves', () => company.move(1)],
    ['has another title', () => company.edit(1)],
    ['marries', () => company.marry(1)],
    ['leaves', () => company.leave(1)],
    ['is back', () => company.returnBack(1)],
    ['is suspended', () => company.suspend(1)],
    ['may come again', () => company.unsuspend(1)],
  ];
  for (let at = 0; ; at = (at + 1) % happenings.length) {
    await wait(EVERY_MS, undefined, { signal });
    const [what, happen] = happenings[at] ?? ['', () => []];
    const people = happen();
    if (people.length === 0) continue;
    const arrivals = await syncBoth(world);
    const did = arrivals.map(({ side, changes }) => `${side.name}: ${told(changes) || 'nothing to do'}`);
    screen.say(new Date().toTimeString().slice(0, 8), `${people.map(nameOf).join(', ')} ${what}`);
    screen.say('', paint('dim', did.join(' · ')));
  }
} // prettier-ignore
