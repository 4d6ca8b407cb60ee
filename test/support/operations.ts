import { openApiDocument } from '../../src/openapi.js';
import type { TestService } from './service.js';

/** A JSON Schema, as far as the API uses it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  default?: unknown;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: Schema;
}

/** One route, as the API's own description has it. */
export interface Operation {
  /** `POST /api/v1/domains` */
  name: string;
  method: string;
  path: string;
  scope: string | null;
  public: string | null;
  operator: string | null;
  /** For people who are signed in, about themselves. */
  signedIn: boolean;
  fresh: boolean;
  /** `sso`, `directory`, each with `, own` when only for what was made with the link. */
  setUp: string | null;
  inSupport: boolean;
  /** Public, and judged against other sites. */
  fromBrowser: boolean;
  parameters: Parameter[];
  body: Schema | null;
  /** The body is a file, read as it comes. */
  raw: boolean;
  /** Of the answer when all is well; null where there is none, or no JSON. */
  answer: Schema | null;
  stream: boolean;
}

interface Documented {
  'x-scope'?: string;
  'x-public'?: string;
  'x-operator'?: string;
  'x-signed-in'?: boolean;
  'x-fresh'?: boolean;
  'x-set-up'?: string;
  'x-in-support'?: boolean;
  'x-from-browser'?: boolean;
  'x-raw'?: boolean;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** Every route for programs. A new one is here by itself, and so in every suite that goes through them. */
export function operationsOf(service: TestService): { operations: Operation[]; schemas: Record<string, Schema> } {
  const document = openApiDocument(service.app);
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>;
  const forPrograms = Object.entries(document.paths).filter(([path]) => path.startsWith('/api/'));
  const operations = forPrograms.flatMap(([path, item]) =>
    Object.entries(item as Record<string, Documented>).map(([method, documented]) =>
      toOperation(path, method, documented),
    ),
  );
  return { operations, schemas };
}

function toOperation(path: string, method: string, documented: Documented): Operation {
  const [, good] = Object.entries(documented.responses).find(([status]) => status.startsWith('2')) ?? [];
  return {
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    scope: documented['x-scope'] ?? null,
    public: documented['x-public'] ?? null,
    operator: documented['x-operator'] ?? null,
    signedIn: documented['x-signed-in'] ?? false,
    fresh: documented['x-fresh'] ?? false,
    setUp: documented['x-set-up'] ?? null,
    inSupport: documented['x-in-support'] ?? false,
    fromBrowser: documented['x-from-browser'] ?? false,
    parameters: documented.parameters ?? [],
    body: documented.requestBody?.content['application/json']?.schema ?? null,
    raw: documented['x-raw'] ?? false,
    answer: good?.content?.['application/json']?.schema ?? null,
    stream: good?.content !== undefined && good.content['application/json'] === undefined,
  };
}

/** The parameters of a path with what they are ids of: the part of the path before them. */
export function pathIds(path: string): { name: string; of: string }[] {
  const parts = path.split('/');
  return parts.flatMap((part, at) => {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    return name === undefined ? [] : [{ name, of: parts[at - 1] ?? '' }];
  });
}

export function fillPath(path: string, idOf: (of: string, name: string) => string): string {
  return pathIds(path).reduce(
    (filled, { name, of }) => filled.replace(`{${name}}`, encodeURIComponent(idOf(of, name))),
    path,
  );
}

export function resolve(schema: Schema, schemas: Record<string, Schema>): Schema {
  const name = schema.$ref?.split('/').at(-1);
  if (name === undefined) return schema;
  const found = schemas[name];
  if (!found) throw new Error(`the API's description refers to ${name}, which it does not have`);
  return resolve(found, schemas);
}
