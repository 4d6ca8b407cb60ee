import type { ChangeKind, Happening, Unit } from '../company/model.ts';
import { json, type Answer, type Incoming } from '../http/answer.ts';
import type { GoogleCaller } from './auth.ts';
import type { GoogleContext } from './context.ts';
import { errors } from './errors.ts';

/** Org units, custom schemas, domains and the customer: lists without paging. */
export class GoogleRest {
  readonly #context: GoogleContext;

  constructor(context: GoogleContext) {
    this.#context = context;
  }

  units(request: Incoming, caller: GoogleCaller, customer: string): Answer {
    const wrong = this.#context.wrongCustomerKey(customer, caller.subject !== null);
    if (wrong) return this.#context.reply('units.list', wrong);
    const { company, render } = this.#context;
    const type = request.query.get('type') ?? 'children';
    const path = request.query.get('orgUnitPath') ?? '/';
    const root = this.#unit(path);
    if (!root) return this.#context.reply('units.list', errors.notFound('orgUnitPath'), path);
    const below = company.units.filter((unit) => unit.n !== root.n && company.isBelow(unit.n, root.n));
    const units =
      type === 'children'
        ? below.filter((unit) => unit.parent === root.n)
        : type === 'allIncludingParent'
          ? [root, ...below]
          : below;
    const body = {
      kind: 'admin#directory#orgUnits',
      etag: render.etag('units', units.length, company.revision),
      ...(units.length > 0 ? { organizationUnits: units.map((unit) => render.unit(unit)) } : {}),
    };
    return this.#context.reply('units.list', this.#context.object(request, body));
  }

  /** By path, with or without the slash in front, or by id. */
  #unit(key: string): Unit | null {
    const { company } = this.#context;
    const n = key.startsWith('id:') ? company.ids.fromGoogle('unit', key) : null;
    if (n !== null) return company.units[n] ?? null;
    const path = key.startsWith('/') ? key : `/${key}`;
    return company.units.find((unit) => company.unitPath(unit.n) === path) ?? null;
  }

  unit(request: Incoming, caller: GoogleCaller, customer: string, key: string): Answer {
    const wrong = this.#context.wrongCustomerKey(customer, caller.subject !== null);
    if (wrong) return this.#context.reply('units.get', wrong);
    const unit = this.#unit(key);
    if (!unit) return this.#context.reply('units.get', errors.notFound('orgUnitPath'), key);
    return this.#context.reply('units.get', this.#context.object(request, this.#context.render.unit(unit)), key);
  }

  /** A customer without any has no list at all. */
  schemas(request: Incoming, caller: GoogleCaller, customer: string): Answer {
    const wrong = this.#context.wrongCustomerKey(customer, caller.subject !== null);
    if (wrong) return this.#context.reply('schemas', wrong);
    const { render, settings } = this.#context;
    const schemas = settings.customSchemas.map(({ name, displayName, fields }, s) => ({
      kind: 'admin#directory#schema',
      schemaId: `schema${s}Id==`,
      etag: render.etag('schema', s, 1),
      schemaName: name,
      displayName,
      fields: fields.map((field, f) => ({
        kind: 'admin#directory#schema#fieldspec',
        fieldId: `field${s}.${f}Id==`,
        etag: render.etag(`field${s}`, f, 1),
        fieldName: field.name,
        displayName: field.displayName,
        fieldType: field.type,
        multiValued: field.multiValued ?? false,
        readAccessType: 'ALL_DOMAIN_USERS',
      })),
    }));
    const body = {
      kind: 'admin#directory#schemas',
      etag: render.etag('schemas', schemas.length, 1),
      ...(schemas.length > 0 ? { schemas } : {}),
    };
    return this.#context.reply('schemas', this.#context.object(request, body));
  }

  domains(caller: GoogleCaller, customer: string): Answer {
    const wrong = this.#context.wrongCustomerKey(customer, caller.subject !== null);
    if (wrong) return this.#context.reply('domains', wrong);
    const { company, settings } = this.#context;
    const domains = company.domains.map((domainName, i) => ({
      kind: 'admin#directory#domain',
      domainName,
      isPrimary: i === 0,
      verified: !settings.unverifiedDomains.includes(domainName),
      creationTime: '1514764800000',
    }));
    return this.#context.reply('domains', json(200, { kind: 'admin#directory#domains', domains }));
  }

  customer(caller: GoogleCaller, key: string): Answer {
    const wrong = this.#context.wrongCustomerKey(key, caller.subject !== null);
    if (wrong) return this.#context.reply('organisation', wrong);
    const body = {
      kind: 'admin#directory#customer',
      id: this.#context.render.customer,
      customerDomain: this.#context.company.domain,
      alternateEmail: 'owner@mail.example',
      customerCreationTime: '2018-01-01T00:00:00.000Z',
      language: 'en',
    };
    return this.#context.reply('organisation', json(200, body));
  }
}

const EVENTS: Partial<Record<ChangeKind, readonly [type: string, name: string]>> = {
  'person.created': ['USER_SETTINGS', 'CREATE_USER'],
  'person.edited': ['USER_SETTINGS', 'CHANGE_USER_ORGANIZATION'],
  'person.email_changed': ['USER_SETTINGS', 'RENAME_USER'],
  'person.unit_changed': ['USER_SETTINGS', 'MOVE_USER_TO_ORG_UNIT'],
  'person.suspended': ['USER_SETTINGS', 'SUSPEND_USER'],
  'person.unsuspended': ['USER_SETTINGS', 'UNSUSPEND_USER'],
  'person.archived': ['USER_SETTINGS', 'ARCHIVE_USER'],
  'person.unarchived': ['USER_SETTINGS', 'UNARCHIVE_USER'],
  'person.deprovisioned': ['USER_SETTINGS', 'SUSPEND_USER'],
  'person.left': ['USER_SETTINGS', 'DELETE_USER'],
  'person.erased': ['USER_SETTINGS', 'DELETE_USER'],
  'person.returned': ['USER_SETTINGS', 'UNDELETE_USER'],
  'group.member_added': ['GROUP_SETTINGS', 'ADD_GROUP_MEMBER'],
  'group.member_removed': ['GROUP_SETTINGS', 'REMOVE_GROUP_MEMBER'],
};

/** The admin audit log of the Reports API: newest first, and with addresses where one would want ids. */
export class GoogleReports {
  readonly #context: GoogleContext;

  constructor(context: GoogleContext) {
    this.#context = context;
  }

  list(request: Incoming, application: string): Answer {
    const { company } = this.#context;
    if (application !== 'admin') return this.#context.reply('logs', errors.invalid('applicationName'));
    const start = Date.parse(request.query.get('startTime') ?? '1970-01-01T00:00:00Z');
    const end = Date.parse(request.query.get('endTime') ?? '9999-01-01T00:00:00Z');
    if (Number.isNaN(start) || Number.isNaN(end)) return this.#context.reply('logs', errors.invalid('startTime'));
    const name = request.query.get('eventName');
    const fits = (one: Happening): boolean => {
      const event = EVENTS[one.kind];
      return event !== undefined && one.at >= start && one.at < end && (name === null || event[1] === name);
    };
    return this.#context.list({
      route: 'logs',
      request,
      key: 'items',
      kind: 'admin#reports#activities',
      all: company.happenings.filter(fits).reverse(),
      position: (happening) => [-happening.seq, 0],
      render: (happening) => ({
        id: String(happening.seq),
        json: Buffer.from(JSON.stringify(this.#activity(happening))),
      }),
      limit: { byDefault: 1000, max: 1000 },
    });
  }

  #activity(happening: Happening): unknown {
    const { company, render } = this.#context;
    const [type, name] = EVENTS[happening.kind] ?? ['USER_SETTINGS', 'UNKNOWN'];
    const parameters = [{ name: 'USER_EMAIL', value: happening.email }];
    if (happening.newEmail !== null) parameters.push({ name: 'NEW_VALUE', value: happening.newEmail });
    if (happening.group !== null) parameters.push({ name: 'GROUP_EMAIL', value: company.group(happening.group).email });
    return {
      kind: 'admin#reports#activity',
      id: {
        time: new Date(happening.at).toISOString(),
        uniqueQualifier: String(happening.seq),
        applicationName: 'admin',
        customerId: render.customer,
      },
      actor: { callerType: 'USER', email: company.admin.email, profileId: this.#context.id(company.admin) },
      events: [{ type, name, parameters }],
    };
  }
}
