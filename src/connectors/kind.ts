import type { z } from 'zod';
import type { Clock } from '../common/clock.js';
import type { Connector, DirectoryAttribute } from './connector.js';
import type { Wait } from './retry.js';

/** Which attribute of the directory fills which field; null leaves the field to the admins. */
export interface Mapping {
  email: string;
  firstName: string | null;
  lastName: string | null;
  department: string | null;
  title: string | null;
  manager: string | null;
  employeeNumber: string | null;
  /** Our name of an extra to the directory's attribute. */
  extras: Record<string, string>;
}

/** What the installation (never an organisation) sets for one kind of directory: gateways, tests, a shared account. */
export interface InstallationSettings {
  baseUrl?: string;
  tokenUrl?: string;
  /** Allows plain http to loopback addresses, for gateways and tests. */
  insecureLoopback?: boolean;
  /** Secrets of the installation for this kind, as its own schema says. */
  [key: string]: unknown;
}

export interface ConnectorOptions<Scope, Credentials> {
  scope: Scope;
  mapping: Mapping;
  credentials: Credentials;
  installation: InstallationSettings;
  /** Percent of the customer's quota that we may use, 1 to 90. */
  quotaShare: number;
  clock: Clock;
  /** 0 up to 1, for jitter. */
  random: () => number;
  /** How to wait; left out, by timers. Tests give one that only moves their clock. */
  wait?: Wait;
}

/** What an admin must do in the directory's own console, with the exact values to copy. */
export interface SetUpStep {
  title: string;
  text: string;
  /** Values to copy, by label. */
  values: Record<string, string>;
}

/** Everything that the rest of the house needs to know of one kind of directory, as data and one factory. */
export interface ConnectorKind<Scope = unknown, Credentials = unknown> {
  /** Stored in `connection.provider` and used in URLs. */
  provider: string;
  title: string;
  /** What may be chosen as scope. Strict: unknown keys are refused. */
  scope: z.ZodType<Scope>;
  defaultScope: Scope;
  mapping: z.ZodType<Mapping>;
  defaultMapping: Mapping;
  /** What every customer of this directory has to map, known without asking. */
  standardAttributes: readonly DirectoryAttribute[];
  /** Credentials as they are stored (encrypted). */
  credentials: z.ZodType<Credentials>;
  /** What an admin sends; what is stored is made of it (a key pair is made here, when asked for). */
  credentialsInput: z.ZodType<unknown>;
  acceptCredentials(input: unknown, before: Credentials | null): Promise<Credentials>;
  /** What may be shown of stored credentials: ids, public keys, never a secret. */
  showCredentials(credentials: Credentials): Record<string, unknown>;
  /** The ways in which credentials can be given here, the best first: each a `method` of what an admin sends. */
  methods(installation: InstallationSettings): string[];
  /** What to do in the directory's own console. `method` is the way that is meant, while there are no credentials yet. */
  setUpSteps(context: {
    credentials: Credentials | null;
    installation: InstallationSettings;
    method?: string;
  }): SetUpStep[];
  /**
   * Domains that must be verified for the organisation before these credentials may be used: one tenant may not name
   * another's admin under the installation's own account. Empty where the customer's own credentials prove the right.
   */
  domainsToProve(credentials: Credentials): string[];
  create(options: ConnectorOptions<Scope, Credentials>): Promise<Connector>;
}
