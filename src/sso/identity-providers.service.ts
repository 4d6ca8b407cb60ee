import { Injectable } from '@nestjs/common';
import { RollcallError } from '../common/errors.js';
import type { Tx } from '../database/tx.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';

/** The identity providers of an organisation. */
@Injectable()
export class IdentityProviders {
  constructor(private readonly providers: IdentityProvidersRepository) {}

  /** For the other parts of the house. @throws {RollcallError} `identity_provider.not_found` */
  async get(tx: Tx, id: string): Promise<IdentityProvider> {
    const provider = await this.providers.find(tx, id);
    if (provider === null)
      throw new RollcallError('identity_provider.not_found', 'There is no such identity provider.');
    return provider;
  }

  ofOrganisation(tx: Tx): Promise<IdentityProvider[]> {
    return this.providers.list(tx);
  }
}
