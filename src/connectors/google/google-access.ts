import type { Clock } from '../../common/clock.js';
import { GuardedHttp, OUTBOUND_DEFAULTS } from '../../common/guarded-http.js';
import { ConnectorError } from '../errors.js';
import { DIRECTORY_HTTP } from '../exchange.js';
import type { ConnectorOptions, Mapping } from '../kind.js';
import { StatedQuota } from '../quota.js';
import { waitByTimer, type Patience } from '../retry.js';
import { KeyFileFault, readKeyFile, type GoogleCredentials } from './credentials.js';
import { DirectoryApi } from './directory-api.js';
import { DirectoryReads } from './directory-reads.js';
import { GoogleHttp } from './http.js';
import { keylessSigner, ownAccess } from './keyless-signer.js';
import { neededScopes, type OAuthScope } from './oauth-scopes.js';
import { recordMapping, type RecordMapping } from './record.js';
import { scopeReader, type ScopeReader } from './scope-judge.js';
import { googleInstallation, type GoogleInstallation, type GoogleScope } from './settings.js';
import { keySigner, type Signer } from './signer.js';
import { Tokens } from './tokens.js';

/** "2,400 queries per minute per user per project", where the user is the delegated subject. */
const QUERIES_PER_MINUTE = 2_400;

/** Everything that stands between a connector and one customer of Google. */
export interface GoogleAccess {
  scope: GoogleScope;
  mapping: Mapping;
  records: RecordMapping;
  subject: string;
  /** The number that customers delegate to. */
  clientId: string;
  clock: Clock;
  patience: Patience;
  http: GoogleHttp;
  tokens: Tokens;
  reads: DirectoryReads;
  scopes: OAuthScope[];
  scopeReader: ScopeReader;
  closed: AbortController;
  close(): Promise<void>;
}

/** @throws {ConnectorError} `unauthorized` when there is no service account to act as. */
export function openAccess(options: ConnectorOptions<GoogleScope, GoogleCredentials>): GoogleAccess {
  const { scope, mapping, credentials, clock, random, quotaShare } = options;
  const installation = googleInstallation(options.installation);
  const patience: Patience = { clock, random, wait: options.wait ?? waitByTimer };
  const {
    insecureLoopback,
    allowedHosts,
    firstByteMs = DIRECTORY_HTTP.firstByteMs,
    pageMs = DIRECTORY_HTTP.pageMs,
  } = installation;
  const guarded = new GuardedHttp({ ...OUTBOUND_DEFAULTS, insecureLoopback, allowedHosts });
  const http = new GoogleHttp(guarded.dispatcher, { ...DIRECTORY_HTTP, firstByteMs, pageMs });
  const signer = signerFor(credentials, installation, http, clock);
  const closed = new AbortController();
  const tokens = new Tokens(
    signer,
    http,
    {
      tokenUrl: new URL(installation.tokenUrl),
      audience: installation.tokenAudience,
      subject: credentials.subject,
      installation: credentials.method === 'installation',
    },
    clock,
    closed.signal,
  );
  const scopes = neededScopes(scope);
  const quota = new StatedQuota(QUERIES_PER_MINUTE, quotaShare, patience);
  const api = new DirectoryApi(http, tokens, quota, patience, new URL(installation.baseUrl));
  return {
    scope,
    mapping,
    records: recordMapping(mapping),
    subject: credentials.subject,
    clientId: signer.clientId,
    clock,
    patience,
    http,
    tokens,
    reads: new DirectoryReads(api, scopes, scope.customer ?? 'my_customer'),
    scopes,
    scopeReader: scopeReader(scope, clock),
    closed,
    async close() {
      closed.abort(new ConnectorError('unavailable', 'The connector was closed.', { passing: false }));
      await guarded.close();
    },
  };
}

function signerFor(
  credentials: GoogleCredentials,
  installation: GoogleInstallation,
  http: GoogleHttp,
  clock: Clock,
): Signer {
  if (credentials.method === 'key') return keySigner(credentials.key);
  const { serviceAccount, serviceAccountClientId, serviceAccountKey } = installation;
  if (serviceAccount !== undefined && serviceAccountClientId !== undefined) {
    return keylessSigner({
      account: serviceAccount,
      clientId: serviceAccountClientId,
      iamUrl: new URL(installation.iamUrl),
      access: ownAccess(),
      http,
      now: () => clock.now(),
    });
  }
  if (serviceAccountKey === undefined) {
    throw new ConnectorError(
      'unauthorized',
      'This installation has no service account for Google: the operator sets one, or the connection gets the key of a service account of its own.',
    );
  }
  try {
    return keySigner(readKeyFile(serviceAccountKey));
  } catch (error) {
    if (!(error instanceof KeyFileFault)) throw error;
    throw new ConnectorError(
      'unauthorized',
      `The operator has to mend the service account of this installation: ${error.message}`,
    );
  }
}
