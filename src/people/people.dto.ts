import { z } from 'zod';
import { Id, Instant, line, PageQuery, pageOf } from '../common/fields.js';

const LONGEST_NAME = 200;
const MOST_AT_ONCE = 200;

const Name = line(LONGEST_NAME);
const Address = z.string().min(3).max(320).describe('An e-mail address.');
const AttributeValue = z.union([
  z.string().max(2000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(2000)).max(100),
]);
const AttributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/u, 'is no name of an attribute');
const Attributes = z.record(AttributeName, AttributeValue).refine((given) => Object.keys(given).length <= 100);
const Version = z
  .number()
  .int()
  .min(1)
  .optional()
  .describe('The version that was read; refused when somebody changed the person meanwhile.');

export const STATES = ['pending', 'active', 'archived'] as const;
export const ORIGINS = ['manual', 'csv', 'directory', 'scim', 'sso', 'admin'] as const;
export const PROBLEMS = ['conflict', 'held', 'manager_left', 'no_manager', 'unmatched_title'] as const;

const Switch = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional();

export const PeopleQuery = PageQuery.extend({
  q: z.string().max(200).optional().describe('Beginnings of words of the name or the address; all must match.'),
  state: z.enum(STATES).optional(),
  origin: z.enum(ORIGINS).optional(),
  teamId: Id.optional(),
  positionId: Id.optional(),
  managerId: Id.optional(),
  admin: Switch,
  problem: z.enum(PROBLEMS).optional(),
  sort: z.enum(['name', 'email', 'created']).default('name'),
  direction: z.enum(['asc', 'desc']).default('asc'),
});
export type PeopleQuery = z.infer<typeof PeopleQuery>;

export const CreatePerson = z
  .strictObject({
    email: Address,
    firstName: Name.nullable().default(null),
    lastName: Name.nullable().default(null),
    state: z.enum(['pending', 'active']).default('pending').describe('Pending people cannot sign in yet.'),
    teamId: Id.nullable().default(null),
    positionId: Id.nullable().default(null),
    managerId: Id.nullable().default(null),
    employeeNumber: Name.nullable().default(null),
    attributes: Attributes.default({}),
  })
  .meta({ id: 'CreatePerson' });
export type CreatePerson = z.infer<typeof CreatePerson>;

export const EditPerson = z
  .strictObject({
    version: Version,
    email: Address.optional(),
    firstName: Name.nullable().optional(),
    lastName: Name.nullable().optional(),
    teamId: Id.nullable().optional(),
    positionId: Id.nullable().optional(),
    managerId: Id.nullable().optional(),
    employeeNumber: Name.nullable().optional(),
    attributes: Attributes.optional().describe('The extra attributes named; null takes one away, others stay.'),
  })
  .meta({ id: 'EditPerson' });
export type EditPerson = z.infer<typeof EditPerson>;

export const SwitchPerson = z.strictObject({ on: z.boolean(), version: Version }).meta({ id: 'SwitchPerson' });
export type SwitchPerson = z.infer<typeof SwitchPerson>;

export const ManyPeople = z.strictObject({ ids: z.array(Id).min(1).max(MOST_AT_ONCE) }).meta({ id: 'ManyPeople' });
export type ManyPeople = z.infer<typeof ManyPeople>;

const Named = z.strictObject({ id: Id, name: z.string() });

const personFields = {
  id: Id,
  state: z.enum(STATES),
  origin: z.enum(ORIGINS),
  email: z.string(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  isAdmin: z.boolean(),
  isProtected: z.boolean().describe('Never archived by a sync.'),
  team: Named.nullable(),
  position: Named.nullable(),
  manager: Named.nullable(),
  employeeNumber: z.string().nullable(),
  attributes: z.record(z.string(), AttributeValue),
  archiveReasons: z.array(z.enum(['directory', 'scim', 'csv', 'admin', 'undo'])),
  archivedAt: Instant.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.number().int(),
};

export const PersonView = z.strictObject(personFields).meta({ id: 'Person' });
export type PersonView = z.infer<typeof PersonView>;

export const ManagedFieldView = z
  .strictObject({
    field: z.string().describe('A field of the person; `attributes.<name>` for an extra one.'),
    connectionId: Id,
    connection: z.string(),
  })
  .meta({ id: 'ManagedField' });
export type ManagedFieldView = z.infer<typeof ManagedFieldView>;

export const PersonDetailView = z
  .strictObject({
    ...personFields,
    managedFields: z.array(ManagedFieldView).describe('What a directory keeps in step, so that it is changed there.'),
    records: z.array(
      z.strictObject({
        connectionId: Id,
        connection: z.string(),
        externalId: z.string(),
        linkedAt: Instant.nullable(),
        employed: z.boolean(),
        inScope: z.boolean(),
        goneAt: Instant.nullable(),
        settled: z.boolean().describe('Whether what was last observed has been carried out.'),
      }),
    ),
    formerAddresses: z.array(z.strictObject({ email: z.string(), until: Instant })),
    reports: z.number().int().describe('People who are not archived and have them as their manager.'),
  })
  .meta({ id: 'PersonDetail' });
export type PersonDetailView = z.infer<typeof PersonDetailView>;

export const PeoplePage = pageOf(PersonView).meta({ id: 'PeoplePage' });
export type PeoplePage = z.infer<typeof PeoplePage>;

export const PeopleCountsView = z
  .strictObject({
    pending: z.number().int(),
    active: z.number().int(),
    archived: z.number().int(),
    admins: z.number().int().describe('Active ones.'),
  })
  .meta({ id: 'PeopleCounts' });
export type PeopleCountsView = z.infer<typeof PeopleCountsView>;

export const ManyResultsView = z
  .strictObject({
    items: z.array(
      z.strictObject({
        id: Id,
        result: z.enum(['done', 'not_found', 'nothing_to_do', 'last_admin', 'address_taken', 'changed']),
      }),
    ),
  })
  .meta({ id: 'ManyResults' });
export type ManyResultsView = z.infer<typeof ManyResultsView>;
