/** What can happen to a person, as the developers of the host application hear it. */
export const EVENT_TYPES = {
  'person.added': 'Somebody is here who was not.',
  'person.linked': 'The person is kept in step with a directory from now on; a pending one became active.',
  'person.relinked': 'The person is tied to another record of the directory than before.',
  'person.updated': 'Fields of the person changed.',
  'person.archived': 'The person left: end their access.',
  'person.restored': 'The person is back.',
  'person.erased': 'The personal data of the person, who was archived, were erased: erase your copies, too.',
} as const;

export type EventType = keyof typeof EVENT_TYPES;

/** One business change of one person. The id is the change's own, so that the same change never tells twice. */
export interface NewEvent {
  id: string;
  type: EventType;
  personId: string;
  payload: Readonly<Record<string, unknown>>;
}

/** An event as it is read back. */
export interface ToldEvent {
  id: string;
  at: Date;
  type: string;
  personId: string;
  runId: string | null;
  payload: Record<string, unknown>;
}
