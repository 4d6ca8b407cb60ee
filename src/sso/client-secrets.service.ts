import { Injectable } from '@nestjs/common';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { z } from 'zod';
import type { SealedPlace } from '../common/envelope.js';
import { newId } from '../common/ids.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';

/** By what we show a provider who we are. */
export type ClientSecret = { kind: 'secret'; value: string } | { kind: 'key'; privateJwk: JWK & { kid: string } };

const Stored = z.union([
  z.strictObject({ kind: z.literal('secret'), value: z.string().min(1) }),
  z.strictObject({ kind: z.literal('key'), privateJwk: z.looseObject({ kty: z.string(), kid: z.string() }) }),
]);

type Owner = { organisationId: string; id: string };

/** Client secrets at rest: sealed for the one row that they belong to, opened for one exchange and kept nowhere. */
@Injectable()
export class ClientSecrets {
  constructor(
    private readonly providers: IdentityProvidersRepository,
    private readonly secrets: Secrets,
  ) {}

  /** Null: there is none. */
  async open(tx: Tx, provider: Owner): Promise<ClientSecret | null> {
    const sealed = await this.providers.sealedSecret(tx, provider.id);
    if (sealed === null) return null;
    return Stored.parse(JSON.parse(await this.secrets.open(tx, placeOf(provider), sealed)));
  }

  async store(tx: Tx, provider: Owner, secret: ClientSecret | null, now: Date): Promise<void> {
    const sealed = secret === null ? null : await this.secrets.seal(tx, placeOf(provider), JSON.stringify(secret));
    await this.providers.setSecret(tx, provider.id, sealed, now);
  }
}

/** A new key of ours; only its public half is ever shown. */
export async function makeClientKey(): Promise<ClientSecret> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  return { kind: 'key', privateJwk: { ...(await exportJWK(privateKey)), kid: newId(), alg: 'RS256', use: 'sig' } };
}

/** What a provider may know of a key of ours. */
export function publicHalf(jwk: JWK): Record<string, string> {
  const shown = ['kty', 'n', 'e', 'kid', 'alg', 'use'] as const;
  return Object.fromEntries(shown.flatMap((name) => (typeof jwk[name] === 'string' ? [[name, jwk[name]]] : [])));
}

function placeOf({ organisationId, id }: Owner): SealedPlace {
  return { table: 'identity_provider', column: 'secret', rowId: id, organisationId };
}
