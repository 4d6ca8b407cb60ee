import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger } from 'nestjs-pino';
import { AppModule, type Parts } from './app.module.js';
import { configureHttp, PatientlessAdapter } from './common/http.js';
import { Health } from './health/health.service.js';
import { MetricsServer } from './health/metrics-server.service.js';
import { serveDocs } from './openapi.js';

/** The service as it runs: over HTTP, with its schedule, until it is stopped. */
export interface Application {
  app: NestExpressApplication;
  url: string;
  /** Null when metrics are switched off. */
  metricsUrl: string | null;
  /**
   * Not ready any more, requests finish, runs stop at a safe point, all within `server.stopWithinMs`. The store stays
   * open; it is closed by whoever opened it.
   *
   * @returns False when something had to be cut off.
   */
  stop(): Promise<boolean>;
}

/** Makes the application with its middleware, listening nowhere yet. */
export async function createApplication(parts: Parts): Promise<NestExpressApplication> {
  const { headWithinMs, requestWithinMs } = parts.config.server;
  const adapter = new PatientlessAdapter({
    headMs: headWithinMs,
    wholeMs: requestWithinMs,
    rawMs: parts.config.imports.uploadWithinMs,
  });
  const app = await NestFactory.create<NestExpressApplication>(AppModule.of(parts), adapter, {
    bodyParser: false,
    // Until it is set up it says only what is wrong; a list of its parts is for nobody.
    logger: ['warn', 'error', 'fatal'],
    abortOnError: false,
  });
  const { bodyLimitBytes, jsonDepth, jsonArrayLength } = parts.config.server;
  configureHttp(app, {
    bodyBytes: bodyLimitBytes,
    depth: jsonDepth,
    arrayLength: jsonArrayLength,
    wholeMs: requestWithinMs,
  });
  if (parts.config.server.docs) serveDocs(app);
  return app;
}

export async function startApplication(parts: Parts): Promise<Application> {
  const { server } = parts.config;
  const app = await createApplication(parts);
  try {
    await app.init();
    app.useLogger(app.get(Logger));
    await app.listen(server.port, server.host);
    const metricsUrl = await app.get(MetricsServer).listen();
    return { app, url: await app.getUrl(), metricsUrl, stop: () => stop(app, server.stopWithinMs) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function stop(app: NestExpressApplication, withinMs: number): Promise<boolean> {
  app.get(Health).stop();
  const http = app.getHttpServer();
  let inTime = true;
  // A stream of progress never ends by itself.
  const timer = setTimeout(() => {
    inTime = false;
    http.closeAllConnections();
  }, withinMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
  return inTime;
}
