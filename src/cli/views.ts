import type { Log } from '../people/log.service.js';
import type { PeopleService } from '../people/people.service.js';
import type { Why } from '../people/why.service.js';
import type { HoldsService } from '../runs/holds.service.js';
import type { QuestionsService } from '../runs/questions.service.js';
import type { RunsReading } from '../runs/runs-reading.service.js';

type Answer<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;
type Item<Call extends (...args: never[]) => Promise<{ items: unknown[] }>> = Answer<Call>['items'][number];

export type RunView = Answer<RunsReading['show']>;
export type ChangeView = Item<RunsReading['changes']>;
export type HoldView = Answer<HoldsService['look']>;
export type MemberView = Item<HoldsService['members']>;
export type ConflictView = Item<QuestionsService['conflicts']>;
export type PersonView = Answer<PeopleService['show']>;
export type WhyView = Answer<Why['ask']>;
export type EventView = Item<Log['events']>;
