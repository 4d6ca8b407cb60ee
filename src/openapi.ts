import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod';

const DESCRIPTION = `Keeps a company's people equal to its directory.

Every request carries an API key of the organisation, \`Authorization: Bearer rc_…\`, or the cookie of somebody who is
signed in; with the cookie, what changes something must come from a page of this installation (\`Origin\`). Either decides
which organisation is meant; what belongs to another answers 404, like what is not there. Failures are problems
(RFC 9457) with a stable \`code\`, listed in docs/error-codes.md. Lists are paged: \`next\` of an answer is the
\`cursor\` of the next request. A POST with an \`Idempotency-Key\` is carried out once however often it is sent.`;

const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string().describe('Stable; see docs/error-codes.md.'),
  detail: z.string().describe('One sentence for the person who must act.'),
  requestId: z.string().nullable(),
});

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The description of the API, made from its routes and schemas: OpenAPI 3.1. */
export function openApiDocument(app: NestExpressApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Rollcall')
    .setDescription(DESCRIPTION)
    .setVersion('v1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'rc_…', description: 'An API key.' }, 'key')
    .addCookieAuth(
      '__Host-rollcall-session',
      { type: 'apiKey', in: 'cookie', description: 'The session of somebody who signed in, in a browser.' },
      'session',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}.${method}`,
    standardSchemaConverter: (schema, { schemaType }) => convert(schema as z.ZodType, schemaType),
  });
  document.components ??= {};
  document.components.schemas = {
    ...sorted(document.components.schemas ?? {}),
    Problem: convert(Problem, 'output').schema,
  };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) if (path[method]) complete(path[method], method);
  }
  document.paths = sorted(document.paths);
  return document;
}

/** What every operation has in common. */
function complete(operation: Operation, method: (typeof METHODS)[number]): void {
  operation.responses['default'] = {
    description: 'A problem: the request was refused, or could not be carried out.',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  // A file is sent as it is, and not kept for being sent again.
  if (method !== 'post' || 'x-raw' in operation) return;
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'Sent again with the same body, the first answer comes back; kept for 48 hours.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ];
}

/** A query is listed field by field, whatever it is called in the code: OpenAPI has no place for it as a whole. */
function convert(schema: z.ZodType, io: 'input' | 'output'): { schema: object; components: Record<string, object> } {
  const { $schema, $defs, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  if ($schema === undefined) throw new TypeError('a schema was converted to no known dialect');
  const components = ($defs ?? {}) as Record<string, object>;
  const name = z.globalRegistry.get(schema)?.id ?? '';
  const { [name]: query, ...rest } = components;
  return name.endsWith('Query') && query ? { schema: query, components: rest } : { schema: json, components };
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Scripts and styles of the documentation's own pages, and nothing from anywhere else. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The API to look through and try out, at /api/docs. Shows nothing of any organisation. */
export function serveDocs(app: NestExpressApplication): void {
  app.use('/api/docs', (_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Security-Policy', DOCS_POLICY);
    next();
  });
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), {
    raw: ['json'],
    jsonDocumentUrl: 'api/docs/openapi.json',
    customSiteTitle: 'Rollcall API',
  });
}
