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
