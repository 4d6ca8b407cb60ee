import { z } from 'zod';
import { Id, Instant, line, PageQuery, pageOf } from '../common/fields.js';
import { LONGEST_NAME } from './frameworks.types.js';

const Name = line(LONGEST_NAME);

export const CreateFramework = z.strictObject({ name: Name }).meta({ id: 'CreateFramework' });
export type CreateFramework = z.infer<typeof CreateFramework>;

export const UpdateFramework = z.strictObject({ name: Name }).meta({ id: 'UpdateFramework' });
export type UpdateFramework = z.infer<typeof UpdateFramework>;

export const FrameworkView = z.strictObject({ id: Id, name: z.string(), createdAt: Instant }).meta({ id: 'Framework' });
export type FrameworkView = z.infer<typeof FrameworkView>;
export const FrameworksPage = pageOf(FrameworkView).meta({ id: 'FrameworksPage' });
export type FrameworksPage = z.infer<typeof FrameworksPage>;

/** Positions, and teams, of a framework. */
export const MOST_IN_FILE = 10_000;

/** Other names of one position, or of one team. */
export const MOST_ALIASES = 1_000;

const NamedInFile = z.strictObject({
  name: Name,
  aliases: z.array(Name).max(MOST_ALIASES).default([]).describe('Other names that directories have for it.'),
});

export const FrameworkFile = z
  .strictObject({
    name: Name,
    positions: z.array(NamedInFile).max(MOST_IN_FILE).default([]).describe('The most junior first.'),
    teams: z.array(NamedInFile).max(MOST_IN_FILE).default([]),
  })
  .meta({
    id: 'FrameworkFile',
    description:
      'As a framework is exported. A request takes 1 MiB unless the operator allows more; larger files are imported at the command line.',
  });
export type FrameworkFile = z.infer<typeof FrameworkFile>;

const NamedInExport = z.strictObject({
  name: z.string(),
  aliases: z.array(z.string()).describe('Other names that directories have for it.'),
});

/** The same without limits: whatever is here comes out. */
export const ExportedFramework = z
  .strictObject({
    name: z.string(),
    positions: z.array(NamedInExport).describe('The most junior first.'),
    teams: z.array(NamedInExport),
  })
  .meta({ id: 'ExportedFramework' });
export type ExportedFramework = z.infer<typeof ExportedFramework>;

export const ImportFrameworkQuery = z
  .strictObject({
    dryRun: z.enum(['true', 'false']).optional().describe('True: says what would be made, and makes nothing.'),
  })
  .meta({ id: 'ImportFrameworkQuery' });
export type ImportFrameworkQuery = z.infer<typeof ImportFrameworkQuery>;

export const ImportedFramework = z
  .strictObject({
    id: Id.nullable().describe('Null: the framework is not here, and was not made.'),
    name: z.string(),
    made: z.boolean().describe('False: the framework was here already.'),
    positions: z.array(z.string()).describe('Made; each behind its predecessor in the file.'),
    teams: z.array(z.string()).describe('Made.'),
    given: z.array(z.string()).describe('Teams that were here without a framework, and got this one.'),
    aliases: z.array(z.string()).describe('Made.'),
  })
  .meta({ id: 'ImportedFramework' });
export type ImportedFramework = z.infer<typeof ImportedFramework>;

export const CreateTeam = z
  .strictObject({ name: Name, frameworkId: Id.nullable().default(null) })
  .meta({ id: 'CreateTeam' });
export type CreateTeam = z.infer<typeof CreateTeam>;

export const UpdateTeam = z
  .strictObject({ name: Name.optional(), frameworkId: Id.nullable().optional() })
  .meta({ id: 'UpdateTeam' });
export type UpdateTeam = z.infer<typeof UpdateTeam>;

export const TeamView = z
  .strictObject({
    id: Id,
    name: z.string(),
    frameworkId: Id.nullable(),
    origin: z
      .enum(['admin', 'directory', 'csv'])
      .describe('Who made it: an admin, a sync that may make missing teams, or a file of people.'),
    createdAt: Instant,
  })
  .meta({ id: 'Team' });
export type TeamView = z.infer<typeof TeamView>;
export const TeamsQuery = PageQuery.extend({ frameworkId: Id.optional() });
export type TeamsQuery = z.infer<typeof TeamsQuery>;
export const TeamsPage = pageOf(TeamView).meta({ id: 'TeamsPage' });
export type TeamsPage = z.infer<typeof TeamsPage>;

const AnyRank = z.number().int().min(1).describe('1 is the most junior position of the framework.');
const Rank = AnyRank.max(10_000).describe('1 is the most junior position of the framework.');

export const CreatePosition = z
  .strictObject({ frameworkId: Id, name: Name, rank: Rank.optional().describe('Left out: the most senior so far.') })
  .meta({ id: 'CreatePosition' });
export type CreatePosition = z.infer<typeof CreatePosition>;

export const UpdatePosition = z
  .strictObject({ name: Name.optional(), rank: Rank.optional() })
  .meta({ id: 'UpdatePosition' });
export type UpdatePosition = z.infer<typeof UpdatePosition>;

export const PositionView = z
  .strictObject({ id: Id, frameworkId: Id, name: z.string(), rank: AnyRank, createdAt: Instant })
  .meta({ id: 'Position' });
export type PositionView = z.infer<typeof PositionView>;
export const PositionsQuery = PageQuery.extend({ frameworkId: Id.optional() });
export type PositionsQuery = z.infer<typeof PositionsQuery>;
export const PositionsPage = pageOf(PositionView).meta({ id: 'PositionsPage' });
export type PositionsPage = z.infer<typeof PositionsPage>;

export const CreateAlias = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('team'), name: Name, teamId: Id }),
    z.strictObject({ kind: z.literal('position'), name: Name, positionId: Id }),
  ])
  .meta({ id: 'CreateAlias' });
export type CreateAlias = z.infer<typeof CreateAlias>;

export const AliasView = z
  .strictObject({
    id: Id,
    kind: z.enum(['team', 'position']),
    name: z.string().describe('What directories call it.'),
    teamId: Id.nullable(),
    positionId: Id.nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Alias' });
export type AliasView = z.infer<typeof AliasView>;
export const AliasesQuery = PageQuery.extend({ kind: z.enum(['team', 'position']).optional() });
export type AliasesQuery = z.infer<typeof AliasesQuery>;
export const AliasesPage = pageOf(AliasView).meta({ id: 'AliasesPage' });
export type AliasesPage = z.infer<typeof AliasesPage>;

export const UnmatchedTitleView = z
  .strictObject({
    title: z.string().describe('As the directory has it, in its most frequent spelling.'),
    people: z.number().int().describe('Records that have it.'),
    suggestions: z
      .array(z.strictObject({ positionId: Id, name: z.string(), frameworkId: Id, likeness: z.number().min(0).max(1) }))
      .describe('Positions with a name like it, the likeliest first.'),
  })
  .meta({ id: 'UnmatchedTitle' });
export type UnmatchedTitleView = z.infer<typeof UnmatchedTitleView>;
export const TitleInboxPage = pageOf(UnmatchedTitleView).meta({ id: 'TitleInboxPage' });
export type TitleInboxPage = z.infer<typeof TitleInboxPage>;
