import { Inject, Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { CLOCK, type Clock } from '../common/clock.js';
import { Metrics } from '../common/metrics.js';
import { Database } from '../database/database.service.js';
import { SyncMetricsRepository, type ConnectionFigures } from './sync-metrics.repository.js';

const CONNECTION = ['organisation', 'connection', 'provider'] as const;
const RUN_STATES = ['queued', 'reading', 'planning', 'applying'];

/** S-24: how the connections of all organisations are, as of the moment somebody asks. Labels are ids, never names. */
@Injectable()
export class SyncMetrics {
  private underWay: Promise<ConnectionFigures[]> | null = null;

  constructor(
    private readonly metrics: Metrics,
    private readonly database: Database,
    private readonly figures: SyncMetricsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.ofConnections();
    this.others();
  }

  private ofConnections(): void {
    const gauge = (name: string, help: string, valueOf: (of: ConnectionFigures) => number): void => {
      const one = new Gauge({
        name: `rollcall_connection_${name}`,
        help,
        labelNames: CONNECTION,
        registers: [this.metrics],
        collect: async () => {
          const rows = await this.asked();
          one.reset();
          for (const row of rows) {
            const labels = { organisation: row.organisationId, connection: row.connectionId, provider: row.provider };
            one.set(labels, valueOf(row));
          }
        },
      });
    };
    gauge(
      'last_complete_read_timestamp_seconds',
      'When the last complete read began; 0 when there was none.',
      ({ lastFullAt }) => (lastFullAt?.getTime() ?? 0) / 1000,
    );
    gauge('failures', 'Runs that failed in a row.', ({ failures }) => failures);
    gauge('needs_attention', '1 while an admin must act.', ({ needsAttention }) => Number(needsAttention));
    gauge('overdue', '1 when it was not read whole for three intervals.', ({ isOverdue }) => Number(isOverdue));
    gauge('held', 'Removals that wait for a decision.', ({ held }) => held);
    gauge('conflicts', 'Conflicts that are open.', ({ conflicts }) => conflicts);
  }

  /** One query for all the gauges of one scrape: those who ask while it is under way get its answer. */
  private asked(): Promise<ConnectionFigures[]> {
    this.underWay ??= this.database
      .asWorker((tx) => this.figures.connections(tx, this.clock.now()))
      .finally(() => {
        this.underWay = null;
      });
    return this.underWay;
  }

  private others(): void {
    const { database, figures } = this;
    const notices = new Gauge({
      name: 'rollcall_notices_open',
      help: 'Notices that are not mended, by kind.',
      labelNames: ['organisation', 'kind'],
      registers: [this.metrics],
      collect: async () => {
        const rows = await database.asWorker((tx) => figures.notices(tx));
        notices.reset();
        for (const { organisationId, kind, open } of rows) notices.set({ organisation: organisationId, kind }, open);
      },
    });
    const runs = new Gauge({
      name: 'rollcall_runs',
      help: 'Runs that wait or are at work, by state.',
      labelNames: ['state'],
      registers: [this.metrics],
      collect: async () => {
        const rows = await database.asWorker((tx) => figures.runs(tx));
        for (const state of RUN_STATES) runs.set({ state }, rows.find((row) => row.state === state)?.n ?? 0);
      },
    });
  }
}
