export type ConnectorFailure =
  /** Credential, role, scope or tenant is not what it was: ask an admin, no automatic retries. */
  | 'unauthorized'
  /** Busy: wait `retryAfterMs`; the connection stays healthy. */
  | 'throttled'
  /** Network, 5xx, time-out: retry with back-off. */
  | 'unavailable'
  /** Forget the cursor, read anew. */
  | 'cursor_expired'
  /** Not the shape that we rely on: stop, never guess. */
  | 'bad_response';

/** The one error of a connector. The message is one sentence for the admin who must act; it holds no secret. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly failure: ConnectorFailure;
  /** For `throttled`: how long the directory asked us to wait, milliseconds. */
  readonly retryAfterMs: number | null;
  /** What the directory calls it (an error code, a request id), for support. */
  readonly reference: string | null;
  /** May be gone at the next try: `throttled` and `unavailable` always, others where the thrower says so. */
  readonly passing: boolean;

  constructor(
    failure: ConnectorFailure,
    message: string,
    options: { retryAfterMs?: number; reference?: string; cause?: unknown; passing?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.reference = options.reference ?? null;
    this.passing = options.passing ?? (failure === 'throttled' || failure === 'unavailable');
  }
}
