// npm run db:diff: prints the SQL that the migrations lack, and exits with 2 when there is any.
// npm run db:diff -- empty: prints the SQL of the whole schema.
import { diff } from './schema-diff.mjs';

const sql = await diff(process.argv[2]);
console.log(sql === '' ? '-- The migrations and prisma/schema.prisma agree.' : sql);
process.exit(sql === '' || process.argv[2] === 'empty' ? 0 : 2);
