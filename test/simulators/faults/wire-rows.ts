import { BOTH, EACH, NOT_LAST, wire, type FaultRow } from './row.ts';
import type { FaultAction, Garbling } from './model.ts';

const STATUSES = [500, 502, 503, 504].flatMap((status) => [
  wire('F-01', `${status} once`, 'RETRY-OK', { kind: 'status', status }),
  wire('F-02', `${status} for ever`, 'CLEAN-ABORT', { kind: 'status', status }, { times: 'forever' }),
]);

const RETRY_AFTER = (
  [
    ['1 second', '1'],
    ['an HTTP date', new Date(0).toUTCString()],
    ['missing', undefined],
    ['0', '0'],
    ['negative', '-5'],
    ['10 years', '315360000'],
    ['text', 'soon'],
  ] as const
).map(([words, retryAfter]) => {
  const outcome = words === '10 years' ? 'RETRY-OK | CLEAN-ABORT' : 'RETRY-OK';
  const action = {
    kind: 'throttle',
    how: 'rate',
    resetIn: 'none',
    ...(retryAfter === undefined ? {} : { retryAfter }),
  } as const;
  return wire('F-03', `429 with Retry-After ${words}`, outcome, action);
});

const THROTTLES: readonly FaultRow[] = [
  wire(
    'F-03',
    '429 with a reset in a second',
    'RETRY-OK',
    { kind: 'throttle', how: 'rate', resetIn: 1 },
    { providers: ['okta'] },
  ),
  wire(
    'F-03',
    '429 for concurrency',
    'RETRY-OK',
    { kind: 'throttle', how: 'concurrency', resetIn: 1 },
    { providers: ['okta'] },
  ),
  wire(
    'F-03',
    '403 userRateLimitExceeded',
    'RETRY-OK',
    { kind: 'throttle', how: 'user quota' },
    { providers: ['google'] },
  ),
  wire('F-03', '403 quotaExceeded', 'RETRY-OK', { kind: 'throttle', how: 'project quota' }, { providers: ['google'] }),
];

const REFUSALS: readonly FaultRow[] = [
  wire('F-05', '401 once', 'RETRY-OK', { kind: 'status', status: 401 }),
  wire('F-05', '401 for ever', 'QUARANTINE', { kind: 'status', status: 401 }, { times: 'forever' }),
  wire('F-06', '403', 'QUARANTINE', { kind: 'status', status: 403 }, { times: 'forever' }),
  wire(
    'F-07',
    '403 on the members of one group',
    'CLEAN-ABORT',
    { kind: 'status', status: 403 },
    {
      times: 'forever',
      pages: null,
      route: 'groups.members',
    },
  ),
  wire(
    'F-08',
    '404 for the members of a listed group',
    'CLEAN-ABORT',
    { kind: 'status', status: 404 },
    {
      times: 'forever',
      pages: null,
      route: 'groups.members',
    },
  ),
  wire('F-11', 'expired cursor once', 'RETRY-OK', { kind: 'expired cursor' }, { pages: ['middle', 'last'] }),
  wire(
    'F-11',
    'expired cursor for ever',
    'CLEAN-ABORT',
    { kind: 'expired cursor' },
    {
      pages: ['middle', 'last'],
      times: 'forever',
    },
  ),
];

const HTML =
  '<!doctype html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>';

const BODIES: readonly FaultRow[] = [
  wire(
    'F-12',
    '200 with HTML',
    'CLEAN-ABORT',
    { kind: 'body', body: HTML, contentType: 'text/html' },
    { times: 'forever' },
  ),
  wire('F-12', '200 with HTML that says it is JSON', 'CLEAN-ABORT', { kind: 'body', body: HTML }, { times: 'forever' }),
  wire('F-13', '{}', 'CLEAN-ABORT', { kind: 'body', body: '{}' }, { times: 'forever', providers: ['okta'] }),
  // At Google this is an empty last page: whoever is missing was not removed.
  wire(
    'F-13',
    '{} without users',
    'HOLD',
    { kind: 'body', body: '{}' },
    { times: 'forever', providers: ['google'], pages: ['first'] },
  ),
  wire(
    'F-13',
    '{} without users, as an early last page',
    'NO REMOVAL',
    { kind: 'body', body: '{}' },
    { times: 'forever', providers: ['google'], pages: ['middle', 'last'] },
  ),
  wire('F-13', 'null', 'CLEAN-ABORT', { kind: 'body', body: 'null' }, { times: 'forever' }),
  ...(['content-length', 'chunked', 'json'] as const).flatMap((how) => [
    wire('F-15', `JSON cut in the middle (${how}) once`, 'RETRY-OK | CLEAN-ABORT', { kind: 'truncate', how }),
    wire(
      'F-15',
      `JSON cut in the middle (${how}) for ever`,
      'CLEAN-ABORT',
      { kind: 'truncate', how },
      { times: 'forever' },
    ),
  ]),
  ...(['before headers', 'in headers', 'in body'] as const).flatMap((when) => [
    wire('F-17', `TCP reset ${when}`, 'RETRY-OK', { kind: 'reset', when }),
    wire('F-17', `TCP reset ${when} for ever`, 'CLEAN-ABORT', { kind: 'reset', when }, { times: 'forever' }),
  ]),
  wire('F-18', 'never answering', 'CLEAN-ABORT', { kind: 'hang' }, { times: 'forever' }),
  wire('F-18', '1 byte per 10 s', 'CLEAN-ABORT', { kind: 'drip', everyMs: 10_000 }, { times: 'forever' }),
  wire('F-18', '5 GB body', 'CLEAN-ABORT', { kind: 'huge body', bytes: 5_000_000_000 }, { times: 'forever' }),
  wire('F-18', 'gzip bomb', 'CLEAN-ABORT', { kind: 'gzip bomb', bytes: 10_000_000_000 }, { times: 'forever' }),
  ...([301, 302, 307] as const).flatMap((status) => [
    wire(
      'F-20',
      `${status} to another host`,
      'CLEAN-ABORT',
      { kind: 'redirect', status, to: 'stranger' },
      { times: 'forever' },
    ),
    wire('F-20', `${status} to itself`, 'CLEAN-ABORT', { kind: 'redirect', status, to: 'self' }, { times: 'forever' }),
    wire(
      'F-20',
      `${status} to http`,
      'CLEAN-ABORT',
      { kind: 'redirect', status, to: 'http://directory.invalid' },
      { times: 'forever' },
    ),
  ]),
];

const LISTS: readonly FaultRow[] = [
  wire(
    'F-20',
    'next link to another host',
    'CLEAN-ABORT',
    { kind: 'next', to: 'stranger' },
    { providers: ['okta'], pages: NOT_LAST },
  ),
  wire('F-22', 'the next page is this page', 'CLEAN-ABORT', { kind: 'next', to: 'here' }, { times: 'forever' }),
  wire('F-22', 'the next page is the first', 'CLEAN-ABORT', { kind: 'next', to: 'start' }, { times: 'forever' }),
  wire(
    'F-23',
    'always a new marker and the same user',
    'CLEAN-ABORT',
    { kind: 'endless' },
    { times: 'forever', pages: null },
  ),
  wire(
    'F-25',
    'the next marker is lost',
    'NO REMOVAL',
    { kind: 'next', to: 'nowhere' },
    { times: 'forever', pages: NOT_LAST },
  ),
  wire(
    'F-25',
    'a list that leaves out 3 %',
    'NO REMOVAL',
    { kind: 'omit', share: 0.03 },
    { times: 'forever', pages: null },
  ),
  wire('F-28', 'one user on two pages', 'EQUAL', { kind: 'repeat' }, { times: 'forever' }),
  wire(
    'F-30',
    'somebody moves ahead while being read',
    'NO REMOVAL',
    { kind: 'omit', lastOfPage: true },
    { times: 'forever' },
  ),
  wire(
    'F-33',
    'the list is empty',
    'HOLD',
    { kind: 'body', body: '[]' },
    { times: 'forever', providers: ['okta'], pages: ['first'] },
  ),
  wire('F-70', '2 s per page', 'EQUAL', { kind: 'delay', ms: 2000 }, { times: 'forever', pages: null }),
];

/** The marker of an incremental read, which at Okta is a link of the System Log. */
const MARKERS: readonly FaultRow[] = [
  wire(
    'F-71',
    'the marker is rejected',
    'EQUAL',
    { kind: 'expired cursor' },
    { route: 'logs', providers: ['okta'], pages: null },
  ),
];

const GARBLINGS: readonly (readonly [string, Garbling])[] = [
  ['F-52', 'id missing'],
  ['F-52', 'id null'],
  ['F-52', 'id number'],
  ['F-52', 'id 4 kB'],
  ['F-52', 'id with slash'],
  ['F-52', 'id of dots'],
  ['F-52', 'id emoji'],
  ['F-53', 'NUL'],
  ['F-53', 'control characters'],
  ['F-53', 'lone surrogate'],
  ['F-53', 'right-to-left override'],
  ['F-53', '10 MB attribute'],
  ['F-53', '100000 attributes'],
  ['F-53', 'depth 1000'],
  ['F-53', 'number 1e400'],
  ['F-53', 'year 0'],
  ['F-53', 'year 275760'],
  ['F-55', 'e-mail missing'],
  ['F-55', 'e-mail invalid'],
];

/** Gives two people of the page one e-mail, as written or with another case. */
function sameAddress(variant: string, alter: (email: string) => string): FaultRow {
  return {
    id: 'F-48',
    variant,
    providers: BOTH,
    pages: EACH,
    by: 'wire',
    outcome: 'CONFLICT',
    inject: ({ server, route }, page) => {
      const change: FaultAction = {
        kind: 'change',
        change: (answer) => {
          const { listing } = answer;
          const [first, second, ...others] = listing?.items ?? [];
          if (!listing || !first || !second) return answer;
          const pattern = /"(email|primaryEmail|login)":"([^"]*)"/g;
          const email = /"(?:email|primaryEmail)":"([^"]*)"/.exec(first.json.toString())?.[1] ?? '';
          const json = second.json.toString().replace(pattern, (_all, key: string) => `"${key}":"${alter(email)}"`);
          return {
            ...answer,
            listing: { ...listing, items: [first, { id: second.id, json: Buffer.from(json) }, ...others] },
          };
        },
      };
      const where = route ?? 'users.list';
      server.faults.add({ name: `F-48 ${variant}`, route: where, page: page ?? 'first', times: 'forever', do: change });
    },
  };
}

const TENANT: FaultRow = {
  id: 'F-39',
  variant: 'another tenant answers',
  providers: BOTH,
  pages: null,
  by: 'wire',
  outcome: 'QUARANTINE',
  inject: ({ server, provider }) => {
    const id = provider === 'okta' ? '00oAnotherTenantQx697' : 'C0another';
    server.faults.add({ name: 'F-39', route: 'organisation', times: 'forever', do: { kind: 'set', fields: { id } } });
    // At Google each user names the customer, too.
    if (provider === 'google') {
      const fields = { customerId: id };
      server.faults.add({
        name: 'F-39',
        route: ['users.get', 'users.list'],
        times: 'forever',
        do: { kind: 'set', fields },
      });
    }
  },
};

/** Rows that spoil answers and leave the company alone. */
export const WIRE_ROWS: readonly FaultRow[] = [
  ...STATUSES,
  ...RETRY_AFTER,
  ...THROTTLES,
  ...REFUSALS,
  ...BODIES,
  ...LISTS,
  ...MARKERS,
  TENANT,
  sameAddress('two users with one e-mail', (email) => email),
  sameAddress('two users whose e-mails differ in case', (email) => email.toUpperCase()),
  ...GARBLINGS.map(([id, what]) => wire(id, what, 'SKIP', { kind: 'garble', what }, { times: 'forever' })),
  wire(
    'F-55',
    '600 bad users',
    'HOLD',
    { kind: 'garble', what: 'e-mail missing', count: 600 },
    { times: 'forever', pages: null },
  ),
];
