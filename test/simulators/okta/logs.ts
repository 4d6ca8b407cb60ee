import type { ChangeKind, Happening } from '../company/model.ts';
import { json, type Answer, type Incoming, type Reply } from '../http/answer.ts';
import { compileFilter, FilterError, type Language } from '../http/filter.ts';
import type { OktaContext } from './context.ts';
import { oktaError } from './errors.ts';

const DAY = 86_400_000;

const EVENT_TYPES: Readonly<Record<ChangeKind, readonly string[]>> = {
  'person.created': ['user.lifecycle.create'],
  'person.activated': ['user.lifecycle.activate'],
  'person.edited': ['user.account.update_profile'],
  'person.email_changed': ['user.account.update_profile', 'user.account.update_primary_email'],
  'person.unit_changed': [],
  'person.suspended': ['user.lifecycle.suspend'],
  'person.unsuspended': ['user.lifecycle.unsuspend'],
  'person.archived': ['user.lifecycle.deactivate'],
  'person.unarchived': ['user.lifecycle.reactivate'],
  'person.deprovisioned': ['user.lifecycle.deactivate'],
  'person.left': ['user.lifecycle.deactivate'],
  'person.returned': ['user.lifecycle.reactivate'],
  'person.erased': ['user.lifecycle.delete.initiated', 'user.lifecycle.delete.completed'],
  'person.locked': ['user.account.lock'],
  'group.created': ['group.lifecycle.create'],
  'group.renamed': ['group.profile.update'],
  'group.deleted': ['group.lifecycle.delete'],
  'group.member_added': ['group.user_membership.add'],
  'group.member_removed': ['group.user_membership.remove'],
  'application.person_assigned': ['application.user_membership.add'],
  'application.person_unassigned': ['application.user_membership.remove'],
  'application.group_assigned': ['group.application_assignment.add'],
  'application.group_unassigned': ['group.application_assignment.remove'],
};

interface LogEvent {
  readonly uuid: string;
  readonly published: number;
  readonly eventType: string;
  readonly success: boolean;
  readonly targets: readonly { id: string; type: string; alternateId: string; displayName: string }[];
  /** Its place in the order of being stored. */
  readonly place: number;
}

/** `/api/v1/logs`, the System Log: polled without `until` and then never finished, or bounded and finite. */
export class OktaLogs {
  readonly #context: OktaContext;
  readonly #events: LogEvent[] = [];
  #read = 0;

  constructor(context: OktaContext) {
    this.#context = context;
  }

  list(request: Incoming): Answer {
    try {
      return this.#context.reply('logs', this.#answer(request));
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      return this.#context.reply('logs', oktaError('E0000031', error.message));
    }
  }

  #answer(request: Incoming): Reply {
    const { query } = request;
    const limit = Number(query.get('limit') ?? 100);
    if (!Number.isInteger(limit) || limit < 0 || limit > 1000) return oktaError('E0000001', 'limit');
    const now = this.#context.company.clock.now();
    const until = query.get('until');
    const end = until === null ? now : Date.parse(until);
    const since = query.get('since') === null ? end - 7 * DAY : Date.parse(query.get('since') ?? '');
    if (Number.isNaN(since) || Number.isNaN(end))
      return oktaError('E0000053', "'since' and 'until' must be ISO 8601 dates");
    if (since < now - 180 * DAY) return oktaError('E0000053', "'since' is more than 180 days ago");
    const after = this.#place(query.get('after'));
    if (after === null) return oktaError('E0000053', "'after' is not valid");
    const filter = query.get('filter');
    const fits = filter === null ? () => true : compileFilter(filter, LANGUAGE);
    const kept = this.#stored().filter((event) => event.published >= now - 90 * DAY && fits(event));
    const polling = until === null && (query.get('sortOrder') ?? 'ASCENDING') === 'ASCENDING';
    if (!polling) {
      return this.#bounded(
        request,
        kept.filter((event) => event.published >= since && event.published < end),
        after,
        limit,
      );
    }
    const fresh = kept.filter((event) => (query.has('after') ? event.place > after : event.published >= since));
    const page = fresh.slice(0, limit);
    const place = page.at(-1)?.place ?? (query.has('after') ? after : this.#lastPlace(kept, since));
    return this.#page(request, page, place);
  }

  /** Where polling goes on when nothing was found: behind everything older than `since`. */
  #lastPlace(kept: readonly LogEvent[], since: number): number {
    return kept.filter((event) => event.published < since).at(-1)?.place ?? -1;
  }

  #bounded(request: Incoming, events: readonly LogEvent[], after: number, limit: number): Reply {
    const direction = request.query.get('sortOrder') === 'DESCENDING' ? -1 : 1;
    const sorted = [...events].sort((a, b) => direction * (a.published - b.published || a.place - b.place));
    const from = request.query.has('after') ? sorted.findIndex((event) => event.place === after) + 1 : 0;
    const page = sorted.slice(from, from + limit);
    return this.#page(request, page, from + limit < sorted.length ? (page.at(-1)?.place ?? null) : null);
  }

  #page(request: Incoming, events: readonly LogEvent[], place: number | null): Reply {
    const { base, company } = this.#context;
    const links = [`<${base}${request.url}>; rel="self"`];
    if (place !== null) {
      const query = new URLSearchParams(request.query);
      if (!query.has('until')) query.delete('since');
      query.set('after', `${company.seed}_${place}`);
      links.push(`<${base}${request.path}?${query.toString()}>; rel="next"`);
    }
    return json(200, events.map(writeEvent), { link: links });
  }

  /** The place that a cursor names; -1 without one, null for one that this organisation did not give. */
  #place(after: string | null): number | null {
    if (after === null) return -1;
    const [seed, place] = after.split('_');
    return seed === String(this.#context.company.seed) && /^-?\d+$/.test(place ?? '') ? Number(place) : null;
  }

  /** Everything that the log has stored by now, in the order of storing. */
  #stored(): LogEvent[] {
    const { company, settings } = this.#context;
    const { happenings } = company;
    for (let next = happenings[this.#read]; next; next = happenings[this.#read]) {
      if (next.at > company.clock.now() - settings.logLagMs) break;
      this.#store(next);
      this.#read++;
    }
    return this.#events;
  }

  #store(happening: Happening): void {
    const { company } = this.#context;
    const targets: LogEvent['targets'][number][] = [];
    if (happening.person !== null) {
      const { n, given, family } = company.person(happening.person);
      const displayName = `${given} ${family}`.trim();
      targets.push({ id: company.ids.okta('person', n), type: 'User', alternateId: happening.email, displayName });
    }
    if (happening.group !== null) {
      const { n, name } = company.group(happening.group);
      targets.push({ id: company.ids.okta('group', n), type: 'UserGroup', alternateId: 'unknown', displayName: name });
    }
    if (happening.kind.startsWith('application.')) {
      const { n, name } = company.application;
      targets.push({
        id: company.ids.okta('application', n),
        type: 'AppInstance',
        alternateId: name,
        displayName: name,
      });
    }
    for (const eventType of EVENT_TYPES[happening.kind]) {
      const place = this.#events.length;
      const uuid = `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`;
      this.#events.push({ uuid, published: happening.at, eventType, success: happening.success, targets, place });
    }
  }
}

const LANGUAGE: Language<LogEvent> = {
  caseSensitive: true,
  attribute: (name) => {
    if (name === 'eventType') return { operators: ['eq', 'sw', 'co'], read: (event) => event.eventType };
    if (name === 'outcome.result')
      return { operators: ['eq'], read: (event) => (event.success ? 'SUCCESS' : 'FAILURE') };
    if (name === 'target.id') return { operators: ['eq'], read: (event) => event.targets.map((target) => target.id) };
    if (name === 'published')
      return { operators: ['gt', 'ge', 'lt', 'le', 'eq'], time: true, read: (event) => event.published };
    return null;
  },
};

function writeEvent(event: LogEvent): unknown {
  return {
    actor: { id: '00uadmin', type: 'User', alternateId: 'admin@example.com', displayName: 'Admin' },
    displayMessage: event.eventType,
    eventType: event.eventType,
    outcome: event.success ? { result: 'SUCCESS' } : { result: 'FAILURE', reason: 'Refused' },
    published: new Date(event.published).toISOString(),
    severity: event.success ? 'INFO' : 'WARN',
    legacyEventType: null,
    uuid: event.uuid,
    version: '0',
    target: event.targets,
  };
}
