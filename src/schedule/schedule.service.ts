import { hostname } from 'node:os';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { messageOf } from '../common/errors.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Database } from '../database/database.service.js';
import { Runner } from '../runs/runner.js';
import { Asking } from './asking.js';
import { Cleaning } from './cleaning.js';
import { DueRepository } from './due.repository.js';
import { Looks } from './looks.js';
import { Watching } from './watching.js';

const HEARTBEAT_MS = 15_000;
const CLEANING_MS = 3_600_000;
const WATCHING_MS = 60_000;
const VERSION = process.env['npm_package_version'] ?? 'unknown';

/** Looks again and again for what is due. Each look ends before the next one of its kind begins. */
@Injectable()
export class ScheduleService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('schedule');
  private readonly busy = new Map<string, Promise<void>>();
  private toldOffMs = 0;

  constructor(
    private readonly registry: SchedulerRegistry,
    private readonly database: Database,
    private readonly due: DueRepository,
    private readonly asking: Asking,
    private readonly cleaning: Cleaning,
    private readonly watching: Watching,
    private readonly looks: Looks,
    private readonly runner: Runner,
    @Inject(CONFIG) private readonly config: Pick<Config, 'schedule'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.schedule.enabled) return;
    this.every('look', this.config.schedule.lookEveryMs, () => this.look());
    this.every('heartbeat', HEARTBEAT_MS, () => this.beat());
    this.every('cleaning', CLEANING_MS, () => this.cleaning.cleanAll());
    this.every('watching', WATCHING_MS, () => this.watching.look());
    for (const { name, everyMs, work, atOnce } of this.looks.all()) {
      this.every(name, everyMs, work);
      if (atOnce) this.once(name, work);
    }
    this.once('heartbeat', () => this.beat());
  }

  /** What is due asks for a run, and what waits is taken up, left behind by others included. */
  async look(): Promise<void> {
    await this.asking.askForDue();
    await this.runner.takeUp();
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const name of this.registry.getIntervals()) this.registry.deleteInterval(name);
    await Promise.all(this.busy.values());
    await this.runner.stop();
    if (this.config.schedule.enabled) await this.database.asWorker((tx) => this.due.leave(tx, this.runner.instance));
  }

  private every(name: string, milliseconds: number, work: () => Promise<unknown>): void {
    const timer = setInterval(() => this.once(name, work), milliseconds);
    timer.unref();
    this.registry.addInterval(name, timer);
  }

  /** A look that fails is told and comes again: the database may be away for a while. */
  private once(name: string, work: () => Promise<unknown>): void {
    if (this.busy.has(name)) return;
    const done = work()
      .then(() => undefined)
      .catch((error: unknown) =>
        this.log.error({ look: name, error: messageOf(error) }, 'a look of the schedule failed'),
      )
      .finally(() => this.busy.delete(name));
    this.busy.set(name, done);
  }

  private async beat(): Promise<void> {
    await this.followClock();
    const instance = { id: this.runner.instance, host: hostname(), version: VERSION };
    await this.database.asWorker((tx) => this.due.beat(tx, instance));
  }

  /** What is due is due by the database's clock, on whatever machine this is. */
  private async followClock(): Promise<void> {
    if (!(this.clock instanceof DatabaseClock)) return;
    await this.clock.follow();
    const { offMs } = this.clock;
    if (offMs !== this.toldOffMs)
      this.log.warn({ offMs }, 'the clock of this machine is not the database’s; the database’s counts');
    this.toldOffMs = offMs;
  }
}
