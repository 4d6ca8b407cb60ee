import { defineConfig } from 'prisma/config';

// These commands never run the schema engine, but Prisma looks for its binary all the same and would
// download it. Never for `migrate`: with a wrong binary it prints nothing and exits 0.
const ENGINELESS = new Set(['generate', 'validate', 'format']);
if (process.argv.some((argument) => ENGINELESS.has(argument))) {
  process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
