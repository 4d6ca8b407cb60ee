import type { INestApplicationContext, Type } from '@nestjs/common';
import type { AuditContext } from '../audit/audit.types.js';
import { operatorIn } from '../auth/operator.types.js';
import type { Caller } from '../auth/auth.types.js';
import { RollcallError } from '../common/errors.js';
import { isId } from '../common/ids.js';
import type { Config } from '../config/config.types.js';
import { loadConfig } from '../config/load-config.js';
import { ConnectionsService } from '../connections/connections.service.js';
import type { Connection } from '../connections/connections.types.js';
import { Database } from '../database/database.service.js';
import { openStore, type Store } from '../database/open-store.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import type { OrganisationListed } from '../organisations/organisations.types.js';
import type { Output } from './output.js';

/** What the command line does is done by the operator, and the audit log says so. */
export const OPERATOR: AuditContext = { by: { kind: 'operator' } };

/** Opens the house without HTTP; handed in from above, where all its parts are known. */
export type OpenHouse = (parts: { config: Config; store: Store }) => Promise<INestApplicationContext>;

/** One command's hold on the house: the same services as over HTTP, without HTTP and without a schedule. */
export class Session {
  constructor(
    private readonly app: INestApplicationContext,
    readonly output: Output,
    /** Aborted by ctrl-C. */
    readonly signal: AbortSignal,
  ) {}

  service<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }

  caller(organisationId: string): Caller {
    return operatorIn(organisationId);
  }

  /** @throws {RollcallError} `organisation.not_found`, naming those that there are. */
  async organisation(name: string): Promise<OrganisationListed> {
    const organisations = this.service(OrganisationsService);
    try {
      return await organisations.bySlug(name);
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== 'organisation.not_found') throw error;
      const all = (await organisations.list()).slice(0, 10).map((one) => one.slug);
      const there =
        all.length === 0 ? 'there is none yet: rollcall organisation create …' : `there are: ${all.join(', ')}.`;
      throw new RollcallError(error.code, `There is no organisation "${name}"; ${there}`);
    }
  }

  /** @throws {RollcallError} `connection.not_found`, naming those that there are. */
  async connection(organisationId: string, name: string): Promise<Connection> {
    const all = await this.service(Database).asOrganisation(organisationId, (tx) =>
      this.service(ConnectionsService).all(tx),
    );
    const wanted = name.toLowerCase();
    const found = all.filter((one) => one.id === name || one.name.toLowerCase() === wanted);
    const byKind = found.length > 0 ? found : all.filter((one) => one.provider === wanted);
    if (byKind.length === 1 && byKind[0]) return byKind[0];
    const names = all.map((one) => `"${one.name}"`).join(', ');
    const which =
      byKind.length > 1 ? `More than one connection is called "${name}"` : `There is no connection "${name}"`;
    throw new RollcallError(
      'connection.not_found',
      `${which}; ${names === '' ? 'there are none yet.' : `there are: ${names}.`}`,
    );
  }

  /** A page cursor is of no use to a person: all pages, up to a number that still fits a screen's memory. */
  async all<T>(
    page: (cursor: string | undefined) => Promise<{ items: T[]; next: string | null }>,
    most: number,
  ): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const answer = await page(cursor);
      items.push(...answer.items);
      cursor = answer.next ?? undefined;
    } while (cursor !== undefined && items.length < most);
    return items.slice(0, most);
  }
}

/** What a session is opened with. */
export interface Doorway {
  open: OpenHouse;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Opens the house for one command and closes it again, whatever happened. */
export async function withSession<T>(
  output: Output,
  { open, env, signal }: Doorway,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const config = quiet(loadConfig(env));
  const store = await openStore(config, (error) => output.note(`The database connection broke: ${error.message}`));
  try {
    const app = await open({ config, store });
    try {
      return await work(new Session(app, output, signal));
    } finally {
      await app.close();
    }
  } finally {
    await store.database.close();
  }
}

/** Log lines do not belong between a command's own lines, and what is due is the service's to do. */
function quiet(config: Config): Config {
  return { ...config, log: { ...config.log, level: 'silent' }, schedule: { ...config.schedule, enabled: false } };
}

export function assertId(text: string, what: string): string {
  if (isId(text)) return text;
  throw new RollcallError(
    'request.invalid',
    `"${text}" is not the id of ${/^[aeiou]/u.test(what) ? 'an' : 'a'} ${what}.`,
  );
}
