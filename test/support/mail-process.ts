// Sends the mail of a database until it is killed; started by test/integration/mail-kills.spec.ts in a process of its own.
import { ManualClock } from '../../src/common/clock.js';
import { parseSecretKey } from '../../src/common/secret-key.js';
import { loadConfig } from '../../src/config/load-config.js';
import { Database } from '../../src/database/database.service.js';
import { openPools } from '../../src/database/open-database.js';
import { Secrets } from '../../src/database/secrets.service.js';
import { MailWorker } from '../../src/mail/mail.worker.js';
import { MailSettingsRepository } from '../../src/mail/mail-settings.repository.js';
import { MailsRepository } from '../../src/mail/mails.repository.js';
import { smtpTransport } from '../../src/mail/transport.js';

const config = loadConfig(process.env);
const { url } = config.database;
if (url === null) throw new Error('the process needs a database');
const address = { url, actsAsRole: true };
const settings = {
  ...config.database,
  ...{ folder: '', marker: '', poolSize: 4, workerPoolSize: 2, connectTimeoutMs: 10_000, idleInTransactionMs: 60_000 },
};
const pools = openPools(settings, { migrate: address, app: address, worker: address }, (error) => {
  throw error;
});
const database = new Database(pools, 30_000);
const secrets = new Secrets({
  current: parseSecretKey(process.env['MAIL_SECRET_KEY'] ?? '', 'the key of the test'),
  previous: [],
});
const clock = new ManualClock(process.env['MAIL_NOW'] ?? '');
const worker = new MailWorker(
  database,
  new MailsRepository(),
  new MailSettingsRepository(),
  secrets,
  smtpTransport(config),
  { show: () => undefined },
  config,
  clock,
);
for (;;) if ((await worker.deliverDue(1000)) === 0) break;
await database.close();
