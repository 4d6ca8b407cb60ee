/**
 * Words that stand in addresses of the service itself. An organisation of such a name would have no page of its own: its
 * address is another one's. A test holds them against every route and every page.
 */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set([
  ...[
    'account',
    'api',
    'assets',
    'csp-reports',
    'healthz',
    'invitation',
    'metrics',
    'readyz',
    'set-up',
    'sign-in',
    'signed-out',
  ],
  ...['back-channel-logout', 'callback', 'first', 'initiate', 'jwks', 'link', 'refused'],
]);
