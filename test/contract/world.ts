import type { Connector, DirectoryAttribute } from '../../src/connectors/connector.js';
import type { Mapping } from '../../src/connectors/kind.js';
import type { Listening } from '../simulators/http/listen.ts';
import type { Company, ExpectedScope, ManualClock } from '../simulators/index.ts';

export interface ConnectOptions {
  /** The whole directory by default. */
  scope?: ExpectedScope;
  quotaShare?: number;
  /** Gives up on an answer after a fifth of a second (first byte) or a third (the whole), so that no test waits long. */
  impatient?: boolean;
  /** Waits by timers instead of by moving the clock. */
  realWaits?: boolean;
  /** Over the one that a connection has before anybody chose. */
  mapping?: Partial<Mapping>;
}

/** A company, served as one provider does, and connectors to it. What a provider gives for `contractSuite`. */
export interface World extends AsyncDisposable {
  readonly provider: 'okta' | 'google';
  readonly company: Company;
  readonly clock: ManualClock;
  readonly server: Pick<Listening, 'faults' | 'requests' | 'stranger' | 'setLatency'>;
  /** Scopes whose full and single reads are compared with the company. */
  readonly scopes: readonly ExpectedScope[];
  /** The scope whose groups faults on members are about. */
  readonly groupScope: ExpectedScope;
  /** Strings that no error may hold: tokens, private keys. */
  readonly secrets: readonly string[];
  /** Milliseconds that connectors asked to wait, in order. */
  readonly waits: number[];
  /** The custom attributes that the company has, as a connector lists them. */
  readonly customAttributes: readonly DirectoryAttribute[];
  /** Takes them away. */
  dropCustomAttributes(): void;
  /** Withdraws the grant to list attributes, and gives the word that the sentence has to name it by. */
  withdrawAttributes(): string;
  connect(options?: ConnectOptions): Promise<Connector>;
  id(n: number): string;
}

export interface WorldOptions {
  people: number;
  seed?: number;
}

export interface Provider {
  readonly name: 'okta' | 'google';
  /** People that fill three pages of a full read and a bit of a fourth is not begun. */
  readonly threePages: number;
  makeWorld(options: WorldOptions): Promise<World>;
}
