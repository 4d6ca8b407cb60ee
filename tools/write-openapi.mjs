// Writes docs/openapi.json from the routes and schemas of the sources; a test fails when it is stale.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createApplication } from '../src/application.js';
import { loadConfig } from '../src/config/load-config.js';
import { Database } from '../src/database/database.service.js';
import { Secrets } from '../src/database/secrets.service.js';
import { openApiDocument } from '../src/openapi.js';

const file = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));

// No route is called: a store that is open to nothing will do.
const store = {
  database: new Database({}, 1_000),
  secrets: new Secrets({ current: { id: 'none', bytes: randomBytes(32) }, previous: [] }),
};
const app = await createApplication({ config: loadConfig({ ROLLCALL_ENV: 'test' }), store });
writeFileSync(file, `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
process.exit(0);
