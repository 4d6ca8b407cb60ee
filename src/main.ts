import './common/hardening.js';
import { setFlagsFromString } from 'node:v8';
import { loadConfig } from './config/load-config.js';
import { weakenedBy } from './config/weakened.js';
import { openStore, type Store } from './database/open-store.js';
import { startApplication, type Application } from './application.js';
import { RollcallError } from './common/errors.js';
import { assertRuntime } from './common/runtime.js';
import { earlyLogger, type EarlyLogger } from './common/logging.js';
import { Installation } from './organisations/installation.service.js';

/**
 * Reading a directory makes much that dies soon. Left alone, the heap grows to several times what lives before it is swept,
 * and a large directory would take hundreds of megabytes that nobody needs.
 */
setFlagsFromString('--heap-growing-percent=20');

/** Beyond what a stop may take, the process ends whatever still hangs. */
const GRACE_MS = 3_000;

let log: EarlyLogger = earlyLogger({ level: 'info', pretty: false });

async function main(): Promise<void> {
  assertRuntime(process.version);
  const config = loadConfig(process.env);
  log = earlyLogger(config.log);
  for (const setting of weakenedBy(config)) log.warn(`${setting} is set: it weakens this installation`);
  const store = await openStore(config, (error) => log.warn({ err: error }, 'a connection to the database broke'));
  let application: Application;
  try {
    application = await startApplication({ config, store });
  } catch (error) {
    await store.database.close();
    throw error;
  }
  log.info(
    `Rollcall answers at ${application.url}${application.metricsUrl === null ? '' : `, metrics at ${application.metricsUrl}`}`,
  );
  stopOnSignal(application, store, config.server.stopWithinMs);
  showFirstOperator(application).catch((error: unknown) =>
    log.warn({ err: error }, 'the link for the first operator could not be made; the next start tries again'),
  );
}

/** While nobody runs this installation. To the console itself: the log goes elsewhere too, and has no tokens in it. */
async function showFirstOperator({ app }: Application): Promise<void> {
  const first = await app.get(Installation, { strict: false }).firstOperatorLink();
  if (first !== null) process.stdout.write(`First operator: ${first.url} (${first.minutes} minutes, once)\n`);
}

function stopOnSignal(application: Application, store: Store, withinMs: number): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    // Asked twice: somebody is in a hurry.
    if (stopping) process.exit(1);
    stopping = true;
    log.info(`${signal}: stopping`);
    setTimeout(() => process.exit(1), withinMs + GRACE_MS).unref();
    application
      .stop()
      .then((inTime) => store.database.close().then(() => inTime))
      .then(
        (inTime) => {
          log.info(inTime ? 'stopped' : 'stopped, with open connections cut off');
          process.exit(0);
        },
        (error: unknown) => die(error, 'the stop failed'),
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function die(error: unknown, what: string): void {
  // An expected error has a sentence with the mend; its stack helps nobody.
  if (error instanceof RollcallError) log.fatal({ code: error.code }, error.message);
  else log.fatal({ err: error }, what);
  process.exit(1);
}

process.on('unhandledRejection', (error) => die(error, 'a promise failed and nobody listened'));
process.on('uncaughtException', (error) => die(error, 'an error was thrown and nobody caught it'));
main().catch((error: unknown) => die(error, 'the start failed'));
