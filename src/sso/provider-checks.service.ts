import { Injectable } from '@nestjs/common';
import { RollcallError } from '../common/errors.js';
import { ConnectionsService } from '../connections/connections.service.js';
import type { ClientAuth, SignInPreset } from '../connectors/sign-in-preset.js';
import { signInPreset, signInPresets } from '../connectors/sign-in-presets.js';
import type { Tx } from '../database/tx.js';
import type { ClientSecret } from './client-secrets.service.js';
import { Discovery } from './discovery.service.js';
import type { IdentityProvider, IdentityProviderSettings } from './identity-providers.types.js';
import { presetOf } from './presets.js';
import type { ProviderMetadata } from './provider-metadata.js';
import { defaultSettings } from './provider-settings.js';
import { SignInFault } from './sign-in-fault.js';

/** What must be true of an identity provider before it is saved. */
@Injectable()
export class ProviderChecks {
  constructor(
    private readonly discovery: Discovery,
    private readonly connections: ConnectionsService,
  ) {}

  /** The issuer as it was given, to the letter. @throws {RollcallError} `identity_provider.setting_invalid` */
  issuerOf(name: string, given: string | undefined): { preset: SignInPreset; issuer: string } {
    const preset = signInPreset(name);
    if (preset === null) {
      const known = signInPresets().map((each) => each.preset);
      throw invalid(`There is no such kind of identity provider; there are ${known.join(', ')}.`);
    }
    if (preset.issuer.kind === 'fixed') {
      if (given !== undefined && given !== preset.issuer.value)
        throw invalid(`The issuer of ${preset.title} is ${preset.issuer.value}.`);
      return { preset, issuer: preset.issuer.value };
    }
    if (given === undefined) throw invalid('Give the issuer.');
    if (!/^https?:\/\/[\x21-\x7E]+$/u.test(given) || !URL.canParse(given))
      throw invalid('The issuer is an address that begins with https://.');
    const url = new URL(given);
    if (url.search !== '' || url.hash !== '' || /[?#]$/u.test(given) || url.username !== '' || url.password !== '')
      throw invalid('The issuer has no query, no fragment and no credentials.');
    const fault = preset.issuer.refuse(url);
    if (fault !== null) throw invalid(fault);
    return { preset, issuer: given };
  }

  /** @throws {RollcallError} `identity_provider.issuer_mismatch`, `identity_provider.discovery_failed` */
  async discover(issuer: string): Promise<ProviderMetadata> {
    try {
      return await this.discovery.read(issuer);
    } catch (error) {
      if (!(error instanceof SignInFault)) throw error;
      if (error.because === 'issuer')
        throw new RollcallError(
          'identity_provider.issuer_mismatch',
          'The issuer calls itself by another name; give it exactly as the provider writes it, a slash at its end included.',
          undefined,
          { cause: error },
        );
      throw new RollcallError('identity_provider.discovery_failed', error.message, undefined, { cause: error });
    }
  }

  /** As the preset has them, and as the issuer can. */
  defaultsFor(preset: SignInPreset, metadata: ProviderMetadata): IdentityProviderSettings {
    const defaults = defaultSettings(preset);
    const clientAuth = preset.clientAuth.find((way) => metadata.tokenEndpointAuth.includes(way));
    return clientAuth === undefined ? defaults : { ...defaults, clientAuth };
  }

  assertAlgorithms(settings: IdentityProviderSettings, metadata: ProviderMetadata): void {
    if (!settings.algorithms.some((algorithm) => metadata.algorithms.includes(algorithm)))
      throw invalid(`This issuer signs with ${metadata.algorithms.join(', ')}.`);
  }

  /** Whether a secret would go to somebody else than before. */
  isOtherParty(
    before: IdentityProvider,
    after: { issuer: string; clientId: string; discovery: ProviderMetadata },
  ): boolean {
    const hostOf = (metadata: ProviderMetadata | null) => metadata && new URL(metadata.tokenEndpoint).host;
    return (
      before.issuer !== after.issuer ||
      before.clientId !== after.clientId ||
      hostOf(before.discovery) !== hostOf(after.discovery)
    );
  }

  /** A connection whose directory is the very one that signs its people in here. @throws {RollcallError} */
  async assertTie(
    tx: Tx,
    preset: SignInPreset,
    { connectionId, issuer }: { connectionId: string | null; issuer: string },
  ): Promise<void> {
    if (connectionId === null) return;
    const connection = await this.connections.get(tx, connectionId);
    if (connection.provider !== preset.provider || !preset.belongsTo(issuer, connection.credentialsShown ?? {}))
      throw invalid('This issuer is not the sign-in of that connection’s directory.');
  }

  /** A key needs its own way of showing it, a secret one of the others. */
  clientAuthFor(provider: IdentityProvider, kind: ClientSecret['kind']): ClientAuth {
    const preset = presetOf(provider);
    const fits = (way: ClientAuth) => (way === 'private_key_jwt') === (kind === 'key');
    if (fits(provider.settings.clientAuth)) return provider.settings.clientAuth;
    const way = preset.clientAuth.find(fits);
    if (way === undefined) throw invalid(`${preset.title} does not know us by a key.`);
    return way;
  }
}

function invalid(message: string): RollcallError {
  return new RollcallError('identity_provider.setting_invalid', message);
}
