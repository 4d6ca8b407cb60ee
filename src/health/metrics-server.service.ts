import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { messageOf } from '../common/errors.js';
import { Metrics } from '../common/metrics.js';
import { CONFIG, type Config } from '../config/config.types.js';

/** Serves /metrics on a port of its own, which is not for the internet. */
@Injectable()
export class MetricsServer implements OnApplicationShutdown {
  private readonly logger = new Logger(MetricsServer.name);
  private server: Server | null = null;

  constructor(
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns The address; null when metrics are switched off. */
  async listen(): Promise<string | null> {
    const { metricsPort, metricsHost } = this.config.server;
    if (metricsPort === null) return null;
    const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
      this.metrics.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.metrics.contentType }).end(text),
        (error: unknown) => {
          this.logger.error(`metrics could not be gathered: ${messageOf(error)}`);
          response.writeHead(500).end();
        },
      );
    });
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(metricsPort, metricsHost, done);
    });
    this.server = server;
    const { address, port, family } = server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/metrics`;
  }

  async onApplicationShutdown(): Promise<void> {
    const server = this.server;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}
