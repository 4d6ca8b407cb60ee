import type { Person } from '../simulators/index.ts';
import type { Change } from './api.ts';
import { shown } from './connecting.ts';
import { paint } from './screen.ts';
import { expect, expectEqual, idIn, nameOf, seconds, syncBoth, type World } from './world.ts';

interface Outcome {
  /** Kind of every change that is expected, for example `{ add: 3 }`; others may stand beside it only if named. */
  kinds: Record<string, number>;
}

/** What a year brings, one thing after another; each is checked in both organisations. */
export async function live(world: World): Promise<void> {
  await joiners(world);
  await movers(world);
  await marriage(world);
  const left = await leavers(world);
  await rejoiner(world, left);
}

async function joiners(world: World): Promise<void> {
  world.screen.chapter('Joiners');
  const people = world.company.join(3, { department: 'Engineering', title: 'Engineer' });
  for (const one of people)
    world.screen.say('In the directory', `${nameOf(one)} joins ${one.department} as ${one.title}`);
  await arrived(world, { kinds: { add: 3 } });
}

async function movers(world: World): Promise<void> {
  world.screen.chapter('Movers');
  const [first, second] = employees(world, 20);
  expect(first !== undefined && second !== undefined, 'The company has nobody to move.');
  const before = [first, second].map((one) => `${one.department}, ${one.title}`);
  world.company.edit(first, { department: 'Design', title: 'Design Lead' });
  world.company.edit(second, { department: 'Finance', title: 'Controller' });
  for (const [index, one] of [first, second].entries())
    world.screen.say('In the directory', `${nameOf(one)}: ${before[index]} → ${one.department}, ${one.title}`);
  await arrived(world, { kinds: { update: 2 } });
}

async function marriage(world: World): Promise<void> {
  world.screen.chapter('A marriage');
  const [who] = employees(world, 40);
  expect(who !== undefined, 'The company has nobody to marry.');
  const before = nameOf(who);
  const ids = await personIds(world, who);
  world.company.marry(who);
  world.screen.say('In the directory', `${before} is ${nameOf(who)} now, ${who.email}`);
  await arrived(world, { kinds: { update: 1 } });
  const after = await personIds(world, who);
  expect(ids.join() === after.join(), 'A new address made a new person.');
  world.screen.good('The same person', 'same id, same history; nobody left and nobody joined');
}

async function leavers(world: World): Promise<Person> {
  world.screen.chapter('Leavers');
  const people = employees(world, 60).slice(0, 2);
  world.company.leave(people);
  for (const one of people) world.screen.say('In the directory', `${nameOf(one)} leaves`);
  await arrived(world, { kinds: { archive: 2 } });
  const [left] = people;
  expect(left !== undefined, 'Nobody left.');
  await shown(world, ['why', left.email, '-o', 'acme']);
  return left;
}

async function rejoiner(world: World, left: Person): Promise<void> {
  world.screen.chapter('A rejoiner');
  const before = await personIds(world, left);
  world.company.returnBack(left);
  world.screen.say('In the directory', `${nameOf(left)} is back`);
  await arrived(world, { kinds: { restore: 1 } });
  expect((await personIds(world, left)).join() === before.join(), 'A rejoiner became somebody else.');
  world.screen.good('The same person', 'brought back with everything that was kept');
}

/** A third of the company vanishes by accident, is held, and nobody loses access; then the directory is mended. */
export async function accident(world: World): Promise<void> {
  const { screen, company } = world;
  screen.chapter('An accident: a third of the company vanishes');
  const before = await expectEqual(world);
  const [, domain] = company.domains;
  const vanished = company.leave(company.employed().filter((one) => one.n !== 0 && one.email.endsWith(`@${domain}`)));
  const third = vanished.length;
  expect(third > before / 4 && third < before / 2, `${third} of ${before} is no third.`);
  company.join(1);
  screen.say(
    'In the directory',
    `everybody of ${domain}, ${third} of ${before}, is gone at once, by a script gone wrong; one person joins`,
  );
  for (const { side, run } of await syncBoth(world)) {
    expect(run.counts.held === third, `${side.name} held ${run.counts.held} of ${third}.`);
    expect(run.counts.add === 1 && run.counts.archive === 0, `${side.name} did not let just the joiner in.`);
    screen.bad(
      side.name,
      `${run.counts.held} removals are held, nobody is archived; the joiner is in (${seconds(run)})`,
    );
    expect((await side.api.active()) === before + 1, `${side.name}: somebody lost access.`);
  }
  await shown(world, ['hold', 'show', '-c', 'Okta', '-o', 'acme']);
  await shown(world, ['status'], 6);

  screen.chapter('The directory is mended');
  company.returnBack(vanished);
  screen.say('In the directory', `the ${third} people are there again`);
  for (const { side, run } of await syncBoth(world)) {
    const { items } = await side.api.get<{ items: unknown[] }>('/api/v1/holds');
    expect(items.length === 0 && run.counts.held === 0, `The hold of ${side.name} did not empty itself.`);
    expect(run.counts.archive === 0, `${side.name} archived somebody after all.`);
    screen.good(side.name, `the hold has emptied itself and is closed (${seconds(run)})`);
  }
  expect((await expectEqual(world)) === before + 1, 'Somebody was lost.');
  await shown(world, ['status']);
}

/** Both are read now, what they did is printed once, and is what was expected. */
export async function arrived(world: World, { kinds }: Outcome): Promise<void> {
  const [first, ...others] = await syncBoth(world);
  expect(first !== undefined, 'There is no directory.');
  for (const change of first.changes) world.screen.say(first.side.name, line(change));
  for (const { side, run, changes } of [first, ...others]) {
    const found = kindsOf(changes);
    for (const [kind, many] of Object.entries(kinds))
      expect(found[kind] === many, `${side.name}: ${kind} ${found[kind] ?? 0} instead of ${many}.`);
    if (side !== first.side) world.screen.say(side.name, `the same: ${told(changes)}, in ${seconds(run)}`);
  }
  const active = await expectEqual(world);
  world.screen.good('Equal', `${active.toLocaleString('en-US')} active, as in both directories`);
} // prettier-ignore

const MARKS: Record<string, string> = {
  add: paint('green', '+'),
  restore: paint('green', '+'),
  update: paint('yellow', '~'),
  archive: paint('red', '-'),
};

function line(change: { kind: string; label: string; reason: { text: string } }): string {
  return `${MARKS[change.kind] ?? '='} ${change.label}: ${change.reason.text}`;
}

const WORDS: Record<string, string> = { add: 'added', update: 'changed', archive: 'archived', restore: 'brought back' };

/** `2 changed, 1 added` */
export function told(changes: readonly Change[]): string {
  return Object.entries(kindsOf(changes))
    .map(([kind, many]) => `${many} ${WORDS[kind] ?? kind}`)
    .join(', ');
}

function kindsOf(changes: readonly Change[]): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { kind } of changes) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

/** Employed people from a place in the list on who manage nobody, so that a thing happens to them alone. */
function employees({ company }: World, from: number): Person[] {
  const managers = new Set(company.people.map((one) => one.manager));
  return company.employed().filter((one) => one.n > from && one.family !== '' && !managers.has(one.n));
}

/** Who a person of the company is in each organisation. */
function personIds(world: World, person: Person): Promise<string[]> {
  return Promise.all(
    world.sides.map(async (side) => {
      const who = encodeURIComponent(idIn(world, side, person));
      const why = await side.api.get<{ person: { id: string } | null }>(`/api/v1/why?externalId=${who}`);
      expect(why.person !== null, `${side.name}: nobody is ${nameOf(person)}.`);
      return why.person.id;
    }),
  );
}
