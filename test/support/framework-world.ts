import { RollcallError } from '../../src/common/errors.js';
import { foldName } from '../../src/common/fold.js';
import { planFramework, type FrameworkHere, type FrameworkPlan } from '../../src/frameworks/framework-plan.js';
import type { FrameworkFile } from '../../src/frameworks/frameworks.dto.js';

export type Kind = 'team' | 'position';
export interface Named {
  name: string;
  aliases: string[];
}

/** An organisation as far as a file can meet it: one framework, all teams, all aliases. */
export interface World {
  /** Null: the framework is not here. */
  id: string | null;
  /** In their order, the most junior first. */
  positions: { id: string; name: string }[];
  teams: { id: string; name: string; frameworkId: string | null }[];
  aliases: { kind: Kind; name: string; ownerId: string }[];
}

export const FRAMEWORK = 'framework';
export const NOTHING: World = { id: null, positions: [], teams: [], aliases: [] };

export function hereOf({ id, positions, teams, aliases }: World): FrameworkHere {
  const folded = <Row extends { name: string }>(row: Row) => ({ ...row, folded: foldName(row.name) });
  return {
    id,
    positions: positions.map(folded),
    teams: teams.map(folded),
    aliases: aliases.map(({ kind, name, ownerId }) => ({
      kind,
      folded: foldName(name),
      teamId: kind === 'team' ? ownerId : null,
      positionId: kind === 'position' ? ownerId : null,
    })),
  };
}

/** The framework of a world as a file. */
export function exported({ id, positions, teams, aliases }: World): FrameworkFile {
  const named =
    (kind: Kind) =>
    (owner: { id: string; name: string }): Named => ({
      name: owner.name,
      aliases: aliases.filter((one) => one.kind === kind && one.ownerId === owner.id).map(({ name }) => name),
    });
  return {
    name: 'Engineering',
    positions: positions.map(named('position')),
    teams: teams.filter(({ frameworkId }) => frameworkId === id).map(named('team')),
  };
}

/** The world after a plan: positions by their rank, which are those of a list without gaps. */
export function applied(world: World, plan: FrameworkPlan): World {
  const id = world.id ?? FRAMEWORK;
  const ranks = new Map(world.positions.map(({ name }, at) => [foldName(name), at + 1]));
  for (const { folded, rank } of [...plan.moved, ...plan.positions]) ranks.set(folded, rank);
  const rankOf = (name: string): number => ranks.get(foldName(name)) ?? 0;
  const positions = [
    ...world.positions,
    ...plan.positions.map(({ name, folded }) => ({ id: `position ${folded}`, name })),
  ].sort((a, b) => rankOf(a.name) - rankOf(b.name));
  if (positions.some(({ name }, at) => rankOf(name) !== at + 1)) throw new Error('the ranks have a gap, or one twice');
  const given = new Set(plan.given.map((one) => one.id));
  const teams = [
    ...world.teams.map((one) => (given.has(one.id) ? { ...one, frameworkId: id } : one)),
    ...plan.teams.map(({ name, folded }) => ({ id: `team ${folded}`, name, frameworkId: id })),
  ];
  const owners = { team: teams.filter(({ frameworkId }) => frameworkId === id), position: positions };
  const aliases = plan.aliases.map(({ kind, name, of }) => {
    const owner = owners[kind].find((one) => foldName(one.name) === of);
    if (owner === undefined) throw new Error(`${name} is another name of nothing`);
    return { kind, name, ownerId: owner.id };
  });
  return { id, positions, teams, aliases: [...world.aliases, ...aliases] };
}

export const file = (parts: Partial<FrameworkFile>): FrameworkFile => ({
  name: 'Engineering',
  positions: [],
  teams: [],
  ...parts,
});
export function refusal(of: World, what: FrameworkFile): { code: string; message: string } | null {
  try {
    planFramework(what, hereOf(of));
    return null;
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { code: error.code, message: error.message };
  }
}
