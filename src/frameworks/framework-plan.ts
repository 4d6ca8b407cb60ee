import { RollcallError } from '../common/errors.js';
import { MOST_ALIASES, MOST_IN_FILE, type FrameworkFile } from './frameworks.dto.js';
import { comparable } from './names.js';

/** What is here already, of what a file names. */
export interface FrameworkHere {
  /** Null when the framework is not here. */
  id: string | null;
  /** Of that framework, the most junior first. */
  positions: readonly { id: string; folded: string }[];
  /** Of the whole organisation. */
  teams: readonly { id: string; name: string; folded: string; frameworkId: string | null }[];
  aliases: readonly { kind: 'team' | 'position'; folded: string; teamId: string | null; positionId: string | null }[];
}

interface Made {
  name: string;
  folded: string;
}

export interface FrameworkPlan {
  /** With the place that each gets in the whole order, 1 the most junior. */
  positions: (Made & { rank: number })[];
  /** Those that are here, where their place changes. */
  moved: { folded: string; rank: number }[];
  teams: Made[];
  /** Teams that are here without a framework, and get this one. */
  given: { id: string; name: string }[];
  aliases: (Made & { kind: 'team' | 'position'; of: string })[];
}

/**
 * What a file adds to what is here. It takes nothing away: who is here stays, in its order, and newcomers come behind
 * their predecessor in the file. Therefore the same file again adds nothing.
 *
 * @throws {RollcallError} `import.framework_invalid`, `alias.exists`
 */
export function planFramework(file: FrameworkFile, here: FrameworkHere): FrameworkPlan {
  assertDistinct('positions', file.positions.map(({ name }) => name)); // prettier-ignore
  assertDistinct('teams', file.teams.map(({ name }) => name)); // prettier-ignore
  assertDistinct('other names of positions', file.positions.flatMap(({ aliases }) => aliases)); // prettier-ignore
  assertDistinct('other names of teams', file.teams.flatMap(({ aliases }) => aliases)); // prettier-ignore
  const teamsHere = new Map(here.teams.map((one) => [one.folded, one]));
  const teams = file.teams.map(({ name }) => ({ name, folded: comparable(name) }));
  const found = teams.flatMap(({ folded }) => teamsHere.get(folded) ?? []);
  const ofOthers = found.filter(({ frameworkId }) => frameworkId !== null && frameworkId !== here.id);
  if (ofOthers.length > 0)
    throw new RollcallError(
      'import.framework_invalid',
      `These teams have another framework: ${ofOthers.map(({ name }) => name).join(', ')}.`,
    );
  const plan: FrameworkPlan = {
    ...orderOf(file, here),
    teams: teams.filter(({ folded }) => !teamsHere.has(folded)),
    given: found.filter(({ frameworkId }) => frameworkId === null).map(({ id, name }) => ({ id, name })),
    aliases: aliasesOf(file, here, teamsHere),
  };
  assertRoom(file, here, plan);
  return plan;
}

/** Whether there is anything to do beyond the framework itself. */
export function isEmpty({ positions, teams, given, aliases }: FrameworkPlan): boolean {
  return positions.length + teams.length + given.length + aliases.length === 0;
}

function orderOf(file: FrameworkFile, here: FrameworkHere): Pick<FrameworkPlan, 'positions' | 'moved'> {
  const isHere = new Set(here.positions.map(({ folded }) => folded));
  // Newcomers, by whom of those that are here the file has last before them; null: nobody.
  const newcomers = new Map<string | null, Made[]>();
  let last: string | null = null;
  for (const { name } of file.positions) {
    const folded = comparable(name);
    if (isHere.has(folded)) {
      last = folded;
      continue;
    }
    const behind = newcomers.get(last) ?? [];
    behind.push({ name, folded });
    newcomers.set(last, behind);
  }
  const order: { name: string | null; folded: string }[] = [
    ...(newcomers.get(null) ?? []),
    ...here.positions.flatMap(({ folded }) => [{ name: null, folded }, ...(newcomers.get(folded) ?? [])]),
  ];
  const before = new Map(here.positions.map(({ folded }, at) => [folded, at + 1]));
  const ranked = order.map((one, at) => ({ ...one, rank: at + 1 }));
  return {
    positions: ranked.flatMap(({ name, folded, rank }) => (name === null ? [] : [{ name, folded, rank }])),
    moved: ranked
      .filter(({ name, folded, rank }) => name === null && before.get(folded) !== rank)
      .map(({ folded, rank }) => ({ folded, rank })),
  };
}

function aliasesOf(
  file: FrameworkFile,
  here: FrameworkHere,
  teamsHere: ReadonlyMap<string, { id: string }>,
): FrameworkPlan['aliases'] {
  const positionsHere = new Map(here.positions.map(({ id, folded }) => [folded, id]));
  const meant = new Map(here.aliases.map((one) => [`${one.kind} ${one.folded}`, one.teamId ?? one.positionId]));
  const wanted = (['position', 'team'] as const).flatMap((kind) =>
    (kind === 'team' ? file.teams : file.positions).flatMap((owner) =>
      owner.aliases.map((name) => ({ kind, name, folded: comparable(name), of: comparable(owner.name) })),
    ),
  );
  return wanted.filter(({ kind, name, folded, of }) => {
    const means = meant.get(`${kind} ${folded}`);
    if (means === undefined) return true;
    if (means === (kind === 'team' ? teamsHere.get(of)?.id : positionsHere.get(of))) return false;
    throw new RollcallError('alias.exists', `"${name}" means something else here already; delete that alias first.`);
  });
}

/** What is here beyond the limits, made one by one, stays; a file adds nothing to just that. */
function assertRoom(
  file: FrameworkFile,
  here: FrameworkHere,
  { positions, teams, given, aliases }: FrameworkPlan,
): void {
  const assertAtMost = (most: number, already: number, more: number, who: string, what: string): void => {
    if (more > 0 && already + more > most)
      throw new RollcallError(
        'import.framework_invalid',
        `${who} would have more than ${most.toLocaleString('en-US')} ${what}.`,
      );
  };
  assertAtMost(MOST_IN_FILE, here.positions.length, positions.length, 'The framework', 'positions');
  const own = here.id === null ? [] : here.teams.filter(({ frameworkId }) => frameworkId === here.id);
  assertAtMost(MOST_IN_FILE, own.length, teams.length + given.length, 'The framework', 'teams');
  const added = countBy(aliases, ({ kind, of }) => `${kind} ${of}`);
  const already = countBy(here.aliases, ({ kind, teamId, positionId }) => `${kind} ${teamId ?? positionId}`);
  for (const [kind, owners, ownersHere] of [
    ['position', file.positions, here.positions],
    ['team', file.teams, here.teams],
  ] as const) {
    const ids = new Map(ownersHere.map(({ id, folded }) => [folded, id]));
    for (const { name } of owners) {
      const of = comparable(name);
      const more = added.get(`${kind} ${of}`) ?? 0;
      assertAtMost(MOST_ALIASES, already.get(`${kind} ${ids.get(of)}`) ?? 0, more, `"${name}"`, 'other names');
    }
  }
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function assertDistinct(what: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const folded = comparable(name);
    if (seen.has(folded))
      throw new RollcallError('import.framework_invalid', `"${name}" is there twice among the ${what}.`);
    seen.add(folded);
  }
}
