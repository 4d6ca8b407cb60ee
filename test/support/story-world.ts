import { ALL_SCOPES, NO_SESSION, type Caller } from '../../src/auth/auth.types.js';
import { newId } from '../../src/common/ids.js';
import { kindOf } from '../../src/connections/kinds.js';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import type { ConnectorOptions, InstallationSettings } from '../../src/connectors/kind.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { Runner } from '../../src/runs/runner.js';
import { RunsService } from '../../src/runs/runs.service.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import type { Company, GoogleSimulator, OktaSimulator } from '../simulators/index.ts';
import { makeCompany, serveGoogle, serveOkta, type ExpectedScope } from '../simulators/index.ts';
import { startService, type ServiceOptions, type TestOrganisation, type TestService } from './service.js';

export type ProviderName = 'okta' | 'google';
export type Simulator = OktaSimulator | GoogleSimulator;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** Stands still until somebody waits, who moves it on instead. Service and directory share one. */
export class StoryClock {
  private at = Date.now();

  now(): number {
    return this.at;
  }

  advance(milliseconds: number): void {
    this.at += milliseconds;
  }
}

/** The system's own time, for stories in which other processes take part. */
export class LiveClock extends StoryClock {
  override now(): number {
    return Date.now();
  }
}

/** One real service whose connectors never wait, for one company and organisation after another. */
export class StoryService implements AsyncDisposable {
  /** Of every connector made from now on. */
  installation: InstallationSettings = {};
  /** Every wait of a connector, in milliseconds. */
  readonly waits: number[] = [];

  private constructor(
    readonly provider: ProviderName,
    readonly clock: StoryClock,
    readonly service: TestService,
  ) {}

  static async start(
    provider: ProviderName,
    config: ServiceOptions['config'] = {},
    options: { clock?: StoryClock } = {},
  ): Promise<StoryService> {
    const clock = options.clock ?? new StoryClock();
    const service = await startService({
      config: {
        ...config,
        log: { level: 'silent' },
        connectors: { [provider]: { insecureLoopback: true } },
      },
      clock: { now: () => new Date(clock.now()) },
    });
    const story = new StoryService(provider, clock, service);
    story.takeWaitsAway();
    return story;
  }

  get runner(): Runner {
    return this.service.app.get(Runner, { strict: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.giveWaitsBack();
    await this.service.close();
  }

  private giveWaitsBack: () => unknown = () => undefined;

  /** A kind of directory is data: here its factory gets another way to wait. */
  private takeWaitsAway(): void {
    const kind = kindOf(this.provider);
    const create = kind.create.bind(kind);
    this.giveWaitsBack = () => (kind.create = create);
    kind.create = (options: ConnectorOptions<unknown, unknown>) =>
      create({
        ...options,
        installation: { ...options.installation, ...this.installation },
        random: () => 0.5,
        wait: (milliseconds, signal) => {
          signal.throwIfAborted();
          this.waits.push(milliseconds);
          this.clock.advance(milliseconds);
          return Promise.resolve();
        },
      });
  }
}

export interface StoryOptions {
  people: number;
  seed?: number;
  everybodyEmployed?: boolean;
  /** Of the connection; the whole directory unless told. */
  scope?: ExpectedScope;
  policy?: Record<string, unknown>;
  schedule?: Record<string, unknown>;
  organisation?: TestOrganisation;
  /** The directory of another story, to be read by this organisation as well. Its domains are verified for nobody. */
  sharing?: Story | undefined;
}

/** A company, its directory, and the organisation whose connection reads it. */
export class Story implements AsyncDisposable {
  readonly runs: RunsService;
  readonly caller: Caller;

  private constructor(
    readonly world: StoryService,
    readonly company: Company,
    readonly server: Simulator,
    readonly organisation: TestOrganisation,
    readonly connectionId: string,
    readonly scope: ExpectedScope,
    private readonly ownsServer: boolean,
  ) {
    this.runs = world.service.app.get(RunsService, { strict: false });
    this.caller = {
      ...NO_SESSION,
      kind: 'key',
      organisationId: organisation.id,
      credentialId: newId(),
      personId: null,
      scopes: new Set(ALL_SCOPES),
      networks: [],
      address: '127.0.0.1',
      requestId: 'story',
    };
  }

  static async begin(world: StoryService, options: StoryOptions): Promise<Story> {
    const { provider, clock, service } = world;
    const { people, seed = 7, everybodyEmployed = true } = options;
    const company = options.sharing?.company ?? makeCompany({ people, seed, clock, everybodyEmployed });
    const domains = service.app.get(DomainsService, { strict: false });
    const server =
      options.sharing?.server ?? (provider === 'okta' ? await serveOkta(company) : await serveGoogle(company));
    world.installation = { ...world.installation, baseUrl: server.url, tokenUrl: server.tokenUrl };
    const organisation = options.organisation ?? (await service.newOrganisation());
    for (const name of options.sharing === undefined ? company.domains : [])
      await domains.verifyAsOperator(organisation.id, name, 'It is theirs.');
    const scope = options.scope ?? { provider, kind: 'everyone' };
    const { id } = await service.app.get(ConnectionsService, { strict: false }).create(
      organisation.id,
      {
        provider,
        name: provider,
        scope: scopeOf(server, scope),
        policy: options.policy,
        schedule: options.schedule,
        credentials: credentialsOf(server),
      },
      { by: { kind: 'operator' } },
    );
    return new Story(world, company, server, organisation, id, scope, options.sharing === undefined);
  }

  /** As `begin`, with everybody taken in. */
  static async synced(world: StoryService, options: StoryOptions): Promise<Story> {
    const story = await Story.begin(world, options);
    try {
      await story.firstSync();
      return story;
    } catch (error) {
      await story[Symbol.asyncDispose]();
      throw error;
    }
  }

  rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.world.service.database.asOrganisation(this.organisation.id, (tx) => tx.query<Row>(text, values));
  }

  /** Carries out whatever waits; returns the run as it ended. */
  async ended(run: RunRow): Promise<RunRow> {
    await this.world.runner.runAllDue();
    return this.known(run.id);
  }

  known(runId: string): Promise<RunRow> {
    const { id } = this.organisation;
    return this.world.service.database.asOrganisation(id, (tx) => this.runs.known(tx, id, runId));
  }

  async sync(): Promise<RunRow> {
    return this.ended(await this.runs.resync(this.caller, this.connectionId));
  }

  /** An incremental read, as the schedule asks for one. */
  async delta(): Promise<RunRow> {
    const { id } = this.organisation;
    const run = await this.world.service.database.asOrganisation(id, (tx) =>
      this.runs.ask(tx, id, this.connectionId, { kind: 'delta', trigger: 'schedule', askedBy: { kind: 'schedule' } }),
    );
    return this.ended(run);
  }

  async firstSync(): Promise<RunRow> {
    const shown = await this.ended(await this.runs.preview(this.caller, this.connectionId));
    if (shown.state !== 'ready') throw new Error(`the preview ended ${shown.state}: ${shown.errorMessage}`);
    const run = await this.ended(await this.runs.confirm(this.caller, shown.id, 'all'));
    if (run.state !== 'succeeded') throw new Error(`the first run ended ${run.state}: ${run.errorMessage}`);
    return run;
  }

  /** Its domains are free for the next one. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ownsServer) await this.server.close();
    await this.world.service.database.asOrganisation(this.organisation.id, (tx) =>
      tx.execute('DELETE FROM domain WHERE organisation_id = $1', [this.organisation.id]),
    );
  }
}

export function credentialsOf(server: Simulator): Record<string, unknown> {
  return 'apiToken' in server.credentials
    ? { method: 'token', orgUrl: server.url, token: server.credentials.apiToken }
    : { method: 'key', key: server.credentials.keyFile, subject: server.credentials.subject };
}

/** The scope as an admin would choose it. */
export function scopeOf(server: Simulator, scope: ExpectedScope): Record<string, unknown> {
  const names = scope.of ?? [];
  if (scope.kind === 'everyone') return { kind: 'directory', excluded: [] };
  if (scope.kind === 'application' && 'application' in server.ids)
    return { kind: 'application', applicationId: server.ids.application, excluded: [] };
  if (scope.kind === 'units' && 'unit' in server.ids) {
    const { ids } = server;
    return { kind: 'units', units: names.map((path) => ids.unit(path)), excluded: [] };
  }
  const groups = names.map((name) => server.ids.group(name));
  return scope.provider === 'okta'
    ? { kind: 'groups', groupIds: groups, excluded: [] }
    : { kind: 'groups', groups, excluded: [] };
}
