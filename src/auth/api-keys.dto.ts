import { z } from 'zod';
import { Id, Instant, PageQuery, line, pageOf } from '../common/fields.js';
import { ALL_SCOPES } from './auth.types.js';
import { parseNetwork } from './networks.js';

const ScopeField = z.enum(ALL_SCOPES);

/** CIDR, or a single address. */
const NetworkField = z
  .string()
  .max(49)
  .refine((text) => parseNetwork(text) !== null, 'is neither an address nor a network such as 192.0.2.0/24');

export const CreateApiKey = z
  .strictObject({
    name: line(100).describe('What the key is for.'),
    scopes: z
      .array(ScopeField)
      .min(1)
      .max(ALL_SCOPES.length)
      .describe('What it may do; each at most what the key in use may do.'),
    networks: z
      .array(NetworkField)
      .max(50)
      .default([])
      .describe('Where it may be used from; empty: anywhere the key in use may be.'),
    expiresInDays: z.number().int().min(1).max(365).default(90).describe('Days until it ends.'),
  })
  .meta({ id: 'CreateApiKey' });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ApiKeyView = z
  .strictObject({
    id: Id,
    name: z.string(),
    lookup: z.string().describe('The first part of the key, to find it by. No secret.'),
    scopes: z.array(z.string()),
    networks: z.array(z.string()),
    personId: Id.nullable().describe(
      'The admin behind the key: it ends when they are one no more. Null: made by the operator.',
    ),
    createdAt: Instant,
    expiresAt: Instant,
    lastUsedAt: Instant.nullable().describe('To about a minute.'),
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof ApiKeyView>;

export const NewApiKeyView = z
  .strictObject({ apiKey: ApiKeyView, key: z.string().describe('The key itself, shown this once.') })
  .meta({ id: 'NewApiKey' });
export type NewApiKeyView = z.infer<typeof NewApiKeyView>;

export const ScopesView = z
  .strictObject({ items: z.array(z.strictObject({ scope: z.string(), meaning: z.string() })) })
  .meta({ id: 'Scopes' });
export type ScopesView = z.infer<typeof ScopesView>;

export const ApiKeysQuery = PageQuery;
export const ApiKeysPage = pageOf(ApiKeyView).meta({ id: 'ApiKeysPage' });
export type ApiKeysPage = z.infer<typeof ApiKeysPage>;
