import { z } from 'zod';
import type { PersonRecord } from './records.repository.js';

/** Name of the field of a person, of the mapping that manages it, and of the record that has the value. */
const FIELDS = [
  { field: 'email', mapping: 'email', record: 'email' },
  { field: 'firstName', mapping: 'firstName', record: 'firstName' },
  { field: 'lastName', mapping: 'lastName', record: 'lastName' },
  { field: 'teamId', mapping: 'department', record: 'department' },
  { field: 'positionId', mapping: 'title', record: 'title' },
  { field: 'managerId', mapping: 'manager', record: 'manager' },
  { field: 'employeeNumber', mapping: 'employeeNumber', record: 'employeeNumber' },
] as const;

/** As much of a connection's settings as says who owns what; what else is in them is not looked at. */
const Settings = z.looseObject({
  mapping: z.looseObject({ extras: z.record(z.string(), z.unknown()).optional() }),
  policy: z.looseObject({ emptyAttribute: z.enum(['clear', 'keep']).optional() }).optional(),
});
const Body = z.looseObject({ extras: z.record(z.string(), z.unknown()).optional() });

export interface ManagedField {
  /** `attributes.<name>` for an extra one. */
  field: string;
  connectionId: string;
  connection: string;
}

interface Voice {
  record: PersonRecord;
  mapping: Record<string, unknown>;
  extras: Record<string, unknown>;
  clears: boolean;
  values: Record<string, unknown>;
  extraValues: Record<string, unknown>;
}

/**
 * Which fields of a person belong to a directory: to the highest-ranked connection that manages the field and has a value;
 * where none has one, to the highest that clears what is empty. The rest belong to the admins.
 *
 * @param records The records of the person, the highest-ranked connection first.
 */
export function managedFields(records: readonly PersonRecord[]): ManagedField[] {
  const voices = records.filter(speaks).map(voiceOf);
  const owned: ManagedField[] = [];
  const own = (field: string, voice: Voice | undefined): void => {
    if (voice) owned.push({ field, connectionId: voice.record.connectionId, connection: voice.record.connection });
  };
  for (const { field, mapping, record } of FIELDS) {
    const managing = voices.filter((voice) => (voice.mapping[mapping] ?? null) !== null);
    own(field, managing.find((voice) => hasValue(voice.values[record])) ?? managing.find((voice) => voice.clears));
  }
  for (const name of new Set(voices.flatMap((voice) => Object.keys(voice.extras)))) {
    const managing = voices.filter((voice) => Object.hasOwn(voice.extras, name));
    const owner = managing.find((voice) => hasValue(voice.extraValues[name])) ?? managing.find((voice) => voice.clears);
    own(`attributes.${name}`, owner);
  }
  return owned;
}

function speaks(record: PersonRecord): boolean {
  return record.goneAt === null && record.inScope && record.connectionState !== 'deleting';
}

function voiceOf(record: PersonRecord): Voice {
  const settings = Settings.safeParse(record.settings);
  const body = Body.safeParse(record.body);
  const mapping = settings.success ? settings.data.mapping : {};
  const values = body.success ? body.data : {};
  return {
    record,
    mapping,
    extras: settings.success ? (settings.data.mapping.extras ?? {}) : {},
    clears: !settings.success || settings.data.policy?.emptyAttribute !== 'keep',
    values,
    extraValues: body.success ? (body.data.extras ?? {}) : {},
  };
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}
