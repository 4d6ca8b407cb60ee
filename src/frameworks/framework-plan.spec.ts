import { describe, expect, it } from '@jest/globals';
import {
  applied,
  file,
  FRAMEWORK,
  hereOf,
  NOTHING,
  refusal,
  type Named,
  type World,
} from '../../test/support/framework-world.js';
import { isEmpty, planFramework } from './framework-plan.js';
import type { FrameworkFile } from './frameworks.dto.js';

const named = (...names: string[]): Named[] => names.map((name) => ({ name, aliases: [] }));
const world = (parts: Partial<World>): World => ({ ...NOTHING, id: FRAMEWORK, ...parts });
const placed = (...names: string[]): World['positions'] => names.map((name) => ({ id: name, name }));
const orderAfter = (of: World, positions: Named[]): string[] =>
  applied(of, planFramework(file({ positions }), hereOf(of))).positions.map(({ name }) => name);

describe('what a file of a framework adds', () => {
  it('is all of it where nothing is here', () => {
    const all = file({
      positions: [{ name: 'Junior', aliases: ['Trainee'] }, ...named('Senior')],
      teams: [{ name: 'Apps', aliases: ['Applications'] }],
    });
    const plan = planFramework(all, hereOf(NOTHING));
    expect(plan).toEqual({
      positions: [
        { name: 'Junior', folded: 'junior', rank: 1 },
        { name: 'Senior', folded: 'senior', rank: 2 },
      ],
      moved: [],
      teams: [{ name: 'Apps', folded: 'apps' }],
      given: [],
      aliases: [
        { kind: 'position', name: 'Trainee', folded: 'trainee', of: 'junior' },
        { kind: 'team', name: 'Applications', folded: 'applications', of: 'apps' },
      ],
    });
    expect(isEmpty(plan)).toBe(false);
  });

  it('is nothing of what is here already, however it is written', () => {
    const here = world({
      positions: placed('Junior', 'Sénior'),
      teams: [{ id: 't', name: 'Apps', frameworkId: FRAMEWORK }],
      aliases: [{ kind: 'position', name: 'Trainee', ownerId: 'Junior' }],
    });
    const again = file({
      positions: [{ name: 'JUNIOR', aliases: ['trainee'] }, ...named('senior ')],
      teams: named('APPS'),
    });
    expect(isEmpty(planFramework(again, hereOf(here)))).toBe(true);
  });

  it('of positions, stands behind its predecessor in the file, and the first of them in front', () => {
    const here = world({ positions: placed('Junior', 'Senior', 'Fellow') });
    expect(orderAfter(here, named('Intern', 'Junior', 'Engineer', 'Senior', 'Staff', 'Principal'))).toEqual([
      ...['Intern', 'Junior', 'Engineer', 'Senior', 'Staff', 'Principal', 'Fellow'],
    ]);
  });

  it('of positions, leaves those that are here in their order, also where the file has another', () => {
    const here = world({ positions: placed('Junior', 'Senior', 'Fellow') });
    const plan = planFramework(file({ positions: named('Fellow', 'New', 'Junior') }), hereOf(here));
    expect(plan.moved).toEqual([]);
    expect(orderAfter(here, named('Fellow', 'New', 'Junior'))).toEqual(['Junior', 'Senior', 'Fellow', 'New']);
  });

  it('of positions, moves up those alone that come behind a new one', () => {
    const here = world({ positions: placed('Junior', 'Senior', 'Fellow') });
    const plan = planFramework(file({ positions: named('Senior', 'Staff') }), hereOf(here));
    expect([plan.positions, plan.moved]).toEqual([
      [{ name: 'Staff', folded: 'staff', rank: 3 }],
      [{ folded: 'fellow', rank: 4 }],
    ]);
  });

  it('of teams, is given to one that is here without a framework', () => {
    const here = world({ teams: [{ id: 't', name: 'apps', frameworkId: null }] });
    const plan = planFramework(file({ teams: named('Apps') }), hereOf(here));
    expect([plan.teams, plan.given]).toEqual([[], [{ id: 't', name: 'apps' }]]);
    expect(isEmpty(plan)).toBe(false);
  });

  it('of aliases, may be of a position or a team that it makes itself, and the same for a team and a position', () => {
    const plan = planFramework(
      file({ positions: [{ name: 'Lead', aliases: ['Head'] }], teams: [{ name: 'Apps', aliases: ['Head'] }] }),
      hereOf(NOTHING),
    );
    expect(plan.aliases.map(({ kind, name, of }) => [kind, name, of])).toEqual([
      ['position', 'Head', 'lead'],
      ['team', 'Head', 'apps'],
    ]);
  });
});

describe('a framework does not grow beyond what its file may hold', () => {
  const many = (word: string, count: number): Named[] => named(...Array.from({ length: count }, (_, at) => `${word} ${at}`)); // prettier-ignore
  const others = (word: string, count: number): string[] => many(word, count).map(({ name }) => name);
  const MORE_POSITIONS = 'The framework would have more than 10,000 positions.';
  const MORE_TEAMS = 'The framework would have more than 10,000 teams.';
  const MORE_NAMES = '"Senior" would have more than 1,000 other names.';
  const invalid = (message: string) => ({ code: 'import.framework_invalid', message });
  const teamsOf = (frameworkId: string | null, all: Named[]): World['teams'] =>
    all.map(({ name }) => ({ id: `${frameworkId} ${name}`, name, frameworkId }));
  const aliasesOf = (kind: 'team' | 'position', ownerId: string, names: string[]): World['aliases'] =>
    names.map((name) => ({ kind, name, ownerId }));

  it('of positions, by one more', () => {
    const here = world({ positions: placed(...others('P', 9_999)) });
    expect(refusal(here, file({ positions: named('P 0', 'New') }))).toBeNull();
    expect(refusal(here, file({ positions: named('P 0', 'New', 'Newer') }))).toEqual(invalid(MORE_POSITIONS));
  });

  it('of teams, by one more, whether it is new or was without a framework', () => {
    const without = teamsOf(null, named('Free'));
    const here = world({ teams: [...teamsOf(FRAMEWORK, many('T', 9_999)), ...teamsOf('another', many('O', 9)), ...without] }); // prettier-ignore
    expect(refusal(here, file({ teams: named('T 0', 'New') }))).toBeNull();
    expect(refusal(here, file({ teams: named('T 0', 'Free') }))).toBeNull();
    expect(refusal(here, file({ teams: named('T 0', 'New', 'Free') }))).toEqual(invalid(MORE_TEAMS));
  });

  it('of teams, which those without a framework are none of where the framework itself is not here', () => {
    const here = { ...NOTHING, teams: teamsOf(null, many('T', 10_001)) };
    expect(refusal(here, file({ teams: named('New') }))).toBeNull();
  });

  it.each(['position', 'team'] as const)('of other names of one %s, by one more', (kind) => {
    const owner = { position: world({ positions: placed('Senior') }), team: world({ teams: [{ id: 'Senior', name: 'Senior', frameworkId: FRAMEWORK }] }) }; // prettier-ignore
    const here: World = {
      ...owner[kind],
      aliases: [...aliasesOf(kind, 'Senior', others('A', 999)), ...aliasesOf(kind, 'of another', others('O', 9))],
    };
    const adding = (...aliases: string[]) => file({ [`${kind}s`]: [{ name: 'senior', aliases }] });
    expect(refusal(here, adding('A 0', 'New'))).toBeNull();
    expect(refusal(here, adding('A 0', 'New', 'Newer'))).toEqual(invalid(MORE_NAMES.replace('Senior', 'senior')));
  });

  it('of other names of what the file itself makes', () => {
    const made = (count: number) => file({ positions: [{ name: 'Senior', aliases: others('A', count) }] });
    expect(refusal(NOTHING, made(1_000))).toBeNull();
    expect(refusal(NOTHING, made(1_001))).toEqual(invalid(MORE_NAMES));
  });

  it('and one that has more by hand still takes what adds nothing to just that', () => {
    const here = world({
      positions: placed(...others('P', 10_002)),
      teams: teamsOf(FRAMEWORK, many('T', 10_001)),
      aliases: aliasesOf('position', 'P 0', others('A', 1_001)),
    });
    const again = { positions: [{ name: 'P 0', aliases: ['A 1000'] }, ...named('P 10001')], teams: named('T 10000') };
    expect(isEmpty(planFramework(file(again), hereOf(here)))).toBe(true);
    expect(refusal(here, file({ positions: [{ name: 'P 10001', aliases: ['New'] }] }))).toBeNull();
    expect(refusal(here, file({ positions: named('New') }))).toEqual(invalid(MORE_POSITIONS));
    expect(refusal(here, file({ teams: named('New') }))).toEqual(invalid(MORE_TEAMS));
    expect(refusal(here, file({ positions: [{ name: 'P 0', aliases: ['New'] }] }))).toEqual(
      invalid(MORE_NAMES.replace('Senior', 'P 0')),
    );
  });
});

describe('a file of a framework is refused', () => {
  const here = world({
    positions: placed('Junior', 'Senior'),
    teams: [
      { id: 'a', name: 'Apps', frameworkId: FRAMEWORK },
      { id: 'b', name: 'Sales', frameworkId: 'another' },
      { id: 'c', name: 'Field', frameworkId: 'another' },
    ],
    aliases: [
      { kind: 'position', name: 'Trainee', ownerId: 'Junior' },
      { kind: 'position', name: 'Rep', ownerId: 'of another framework' },
      { kind: 'team', name: 'Sellers', ownerId: 'b' },
    ],
  });
  const TWICE = 'import.framework_invalid';

  it.each<[string, Partial<FrameworkFile>, string, string]>([
    ['a position is there twice', { positions: named('A', ' á ') }, TWICE, '" á " is there twice among the positions.'],
    ['a team is', { teams: named('A', 'a') }, TWICE, '"a" is there twice among the teams.'],
    [
      'another name of positions is, of whichever',
      { positions: [{ name: 'A', aliases: ['x'] }, { name: 'B', aliases: ['X'] }] },
      TWICE,
      '"X" is there twice among the other names of positions.',
    ],
    [
      'another name of teams is',
      { teams: [{ name: 'A', aliases: ['x', 'X'] }] },
      TWICE,
      '"X" is there twice among the other names of teams.',
    ],
    ['teams have another framework, which are named', { teams: named('Apps', 'sales', 'Field') }, TWICE, 'These teams have another framework: Sales, Field.'],
    [
      'an alias means another position',
      { positions: [{ name: 'Senior', aliases: ['trainee'] }] },
      'alias.exists',
      '"trainee" means something else here already; delete that alias first.',
    ],
    [
      'an alias means a position of another framework',
      { positions: [{ name: 'Junior', aliases: ['Rep'] }] },
      'alias.exists',
      '"Rep" means something else here already; delete that alias first.',
    ],
    [
      'an alias of a new team means one that is here',
      { teams: [{ name: 'New', aliases: ['Sellers'] }] },
      'alias.exists',
      '"Sellers" means something else here already; delete that alias first.',
    ],
    ['a name says nothing', { positions: named('\u0301') }, 'name.empty', 'The name has no letter or digit to be compared by.'],
  ])('where %s', (_what, parts, code, message) => {
    expect(refusal(here, file(parts))).toEqual({ code, message });
  }); // prettier-ignore

  it('with all teams of another framework where the framework itself is not here', () => {
    expect(refusal({ ...here, id: null }, file({ teams: named('Apps') }))?.code).toBe('import.framework_invalid');
  });
});
