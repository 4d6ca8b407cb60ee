import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applied,
  exported,
  file,
  FRAMEWORK,
  hereOf,
  NOTHING,
  refusal,
  type Kind,
  type Named,
  type World,
} from '../../test/support/framework-world.js';
import { foldName } from '../common/fold.js';
import { planFramework } from './framework-plan.js';
import type { FrameworkFile } from './frameworks.dto.js';

/** Few names, each written in several ways, so that they meet. */
const base = fc.constantFrom('Junior', 'Señor', 'Lead', 'Apps', 'Øst', 'A-1', 'ﬁeld', 'Ω');
const name = fc
  .tuple(base, fc.constantFrom('', ' 2', ' 3'), fc.constantFrom<(text: string) => string>(String, (text) => text.toUpperCase(), (text) => ` ${text} `, (text) => text.normalize('NFD')))
  .map(([text, more, write]) => write(text + more)); // prettier-ignore
const distinct = (length: { min?: number; max: number }): fc.Arbitrary<string[]> =>
  fc.uniqueArray(name, { minLength: length.min ?? 0, maxLength: length.max, selector: foldName });

const anyFile: fc.Arbitrary<FrameworkFile> = fc
  .record({
    positions: distinct({ max: 6 }),
    teams: distinct({ max: 4 }),
    ofPositions: distinct({ max: 4 }),
    ofTeams: distinct({ max: 4 }),
    at: fc.array(fc.nat(5), { minLength: 8, maxLength: 8 }),
  })
  .map(({ positions, teams, ofPositions, ofTeams, at }) => {
    const withAliases = (names: string[], aliases: string[]): Named[] =>
      names.map((one, index) => ({
        name: one,
        aliases: aliases.filter((_, of) => (at[of] ?? 0) % names.length === index),
      }));
    return file({ positions: withAliases(positions, ofPositions), teams: withAliases(teams, ofTeams) });
  });

const anyWorld: fc.Arbitrary<World> = fc
  .record({
    positions: distinct({ max: 6 }),
    teams: distinct({ max: 5 }),
    frameworks: fc.array(fc.constantFrom(FRAMEWORK, FRAMEWORK, null, 'another'), { minLength: 5, maxLength: 5 }),
    ofPositions: distinct({ max: 4 }),
    ofTeams: distinct({ max: 4 }),
    at: fc.array(fc.nat(6), { minLength: 8, maxLength: 8 }),
  })
  .map(({ positions, teams, frameworks, ofPositions, ofTeams, at }): World => {
    const owners = {
      // The last one is of another framework, where nobody sees its name.
      position: [...positions.map((one) => `position ${foldName(one)}`), 'of another framework'],
      team: teams.map((one) => `team ${foldName(one)}`),
    };
    const aliases = (kind: Kind, names: string[]): World['aliases'] =>
      owners[kind].length === 0
        ? []
        : names.map((one, index) => ({
            kind,
            name: one,
            ownerId: owners[kind][(at[index] ?? 0) % owners[kind].length] ?? '',
          }));
    return {
      id: FRAMEWORK,
      positions: positions.map((one, index) => ({ id: owners.position[index] ?? '', name: one })),
      teams: teams.map((one, index) => ({
        id: owners.team[index] ?? '',
        name: one,
        frameworkId: frameworks[index] ?? null,
      })),
      aliases: [...aliases('position', ofPositions), ...aliases('team', ofTeams)],
    };
  });

const RUNS = { numRuns: 2_000 };

describe('any framework', () => {
  it('comes back from its file as no change', () => {
    fc.assert(
      fc.property(anyWorld, (here) => {
        const plan = planFramework(exported(here), hereOf(here));
        expect(plan).toEqual({ positions: [], moved: [], teams: [], given: [], aliases: [] });
      }),
      RUNS,
    );
  });

  it('is the same where its file makes it', () => {
    fc.assert(
      fc.property(anyWorld, (here) => {
        const out = exported(here);
        expect(exported(applied(NOTHING, planFramework(out, hereOf(NOTHING))))).toEqual(out);
      }),
      RUNS,
    );
  });
});

describe('any file, wherever it comes', () => {
  const meetings = fc.tuple(fc.oneof(anyWorld, fc.constant(NOTHING)), anyFile);

  it('changes nothing the second time', () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(meetings, ([here, what]) => {
        if (refusal(here, what) !== null) {
          refused += 1;
          return;
        }
        taken += 1;
        const after = applied(here, planFramework(what, hereOf(here)));
        expect(planFramework(what, hereOf(after))).toEqual({
          ...{ positions: [], moved: [], teams: [], given: [], aliases: [] },
        });
      }),
      RUNS,
    );
    // Both were met often enough to say something.
    expect([taken > RUNS.numRuns / 10, refused > RUNS.numRuns / 10]).toEqual([true, true]);
  });

  it('takes nothing away, and leaves what is here in its order; what is new stands right behind its predecessor', () => {
    fc.assert(
      fc.property(meetings, ([here, what]) => {
        if (refusal(here, what) !== null) return;
        const plan = planFramework(what, hereOf(here));
        const after = applied(here, plan);
        const isNew = new Set(plan.positions.map(({ folded }) => folded));
        expect(after.positions.filter((one) => !isNew.has(foldName(one.name)))).toEqual(here.positions);
        expect(after.aliases.slice(0, here.aliases.length)).toEqual(here.aliases);
        for (const one of here.teams)
          expect(after.teams).toContainEqual(one.frameworkId === null ? expect.objectContaining({ id: one.id }) : one);
        const order = after.positions.map((one) => foldName(one.name));
        what.positions.forEach((one, at) => {
          if (!isNew.has(foldName(one.name))) return;
          const predecessor = what.positions[at - 1];
          const behind = predecessor === undefined ? -1 : order.indexOf(foldName(predecessor.name));
          expect(order.indexOf(foldName(one.name))).toBe(behind + 1);
        });
      }),
      RUNS,
    );
  });
});

/** One position of the file after another is put in right behind its predecessor: slow, and plain. */
function ordered(here: readonly string[], newcomers: readonly string[]): string[] {
  const order = [...here];
  let behind = -1;
  for (const one of newcomers) {
    const at = order.indexOf(one);
    if (at === -1) order.splice(behind + 1, 0, one);
    behind = at === -1 ? behind + 1 : at;
  }
  return order;
}

describe('any order of positions', () => {
  const some = fc.uniqueArray(fc.nat(60), { maxLength: 40, size: 'max' }).map((all) => all.map((one) => `p ${one}`));

  it('is that of putting one after the other in its place', () => {
    let [between, moved] = [0, 0];
    fc.assert(
      fc.property(some, some, (here, positions) => {
        const order = ordered(here, positions);
        const world: World = { ...NOTHING, id: FRAMEWORK, positions: here.map((one) => ({ id: one, name: one })) };
        const plan = planFramework(
          file({ positions: positions.map((one) => ({ name: one, aliases: [] })) }),
          hereOf(world),
        );
        const ranked = order.map((folded, at) => ({ folded, rank: at + 1 }));
        expect(plan.positions).toEqual(
          ranked.filter(({ folded }) => !here.includes(folded)).map((one) => ({ name: one.folded, ...one })),
        );
        expect(plan.moved).toEqual(
          ranked.filter(({ folded, rank }) => here.includes(folded) && here.indexOf(folded) + 1 !== rank),
        );
        between += Number(plan.positions.length > 0 && positions.some((one) => here.includes(one)));
        moved += Number(plan.moved.length > 0);
      }),
      RUNS,
    );
    expect([between > RUNS.numRuns / 2, moved > RUNS.numRuns / 2]).toEqual([true, true]);
  });
});
