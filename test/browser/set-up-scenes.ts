import type { Page } from 'playwright-core';
import { ago, idOf, LONG, ok, problem, SESSION, type Answer, type Scene } from './scene.js';

const HEADING = 'Set up Maplewood Dairy Cooperative';
const settingUp = (...kinds: string[]): Answer => ok({ ...SESSION, kind: 'set_up', person: null, setUp: { kinds } });

const field = (title: string, more: object = {}): object => ({ type: 'string', title, ...more });
const way = (
  by: string,
  value: string,
  title: string,
  properties: object,
  required: string[],
  description?: string,
) => ({
  type: 'object',
  title,
  description,
  properties: { [by]: { type: 'string', const: value }, ...properties },
  required: [by, ...required],
});

const ADDRESS = {
  orgUrl: field('Address of your organisation', { description: 'For example https://acme.okta.example' }),
};
const excluded = { type: 'array', title: 'Left out by name', description: 'Addresses, or ids.' };

const JWK = JSON.stringify({ kty: 'RSA', n: 'xkR3'.repeat(60), e: 'AQAB', kid: 'kLwqX3', use: 'sig' }, null, 2);
const STEPS = [
  {
    title: 'Make a service app',
    text: 'Open Applications > Create App Integration.',
    values: { Name: 'Rollcall', Type: 'API Services' },
  },
  {
    title: 'Give it our public key',
    text: 'Under Client Credentials choose Edit, then paste the public key.',
    values: { 'Public key (JWK)': JWK },
  },
  {
    title: 'Grant the scopes',
    text: 'Only a super administrator may.',
    values: { Always: 'okta.users.read okta.logs.read' },
  },
];

/** A kind of directory as the service describes it, with everything that a form of it can have. */
const KIND = {
  provider: 'elm',
  title: 'Elm Directory',
  defaultSettings: {},
  scopeSchema: {
    oneOf: [
      way('kind', 'directory', 'Everybody in the directory', { excluded }, []),
      way('kind', 'groups', 'Members of groups', { groups: { type: 'array', title: 'Groups' }, excluded }, ['groups']),
    ],
  },
  mappingSchema: {},
  credentialsSchema: {
    oneOf: [
      way('method', 'key', 'Service app with a key', { ...ADDRESS, clientId: field('Client ID'), newKey: { type: 'boolean', title: 'Make a new key pair' } }, ['orgUrl'], 'Rollcall makes the key pair and keeps the private half.'),
      way('method', 'token', 'API token', { ...ADDRESS, token: field('API token', { writeOnly: true }) }, ['orgUrl'], 'Quicker to begin with.'),
      way('method', 'file', 'Your own service account', { key: { title: 'Key file', writeOnly: true, contentMediaType: 'application/json' } }, []),
    ],
  },
  setUpSteps: STEPS,
  methods: ['key', 'token', 'file'].map((method) => ({ method, setUpSteps: STEPS })),
}; // prettier-ignore

export const MAPPING = {
  email: 'profile.email',
  firstName: 'profile.firstName',
  lastName: 'profile.lastName',
  department: 'profile.department',
  title: 'profile.title',
  manager: null,
  employeeNumber: 'profile.employeeNumber',
  extras: {},
};

export const connection = (more: object = {}): Record<string, unknown> => ({
  id: idOf(40),
  provider: 'elm',
  name: 'Elm Directory',
  rank: 1,
  state: 'setup',
  settings: {
    scope: { kind: 'directory', excluded: [] },
    mapping: MAPPING,
    policy: { newPeopleAre: 'active' },
    schedule: { intervalMinutes: 60 },
    quotaShare: 50,
  },
  settingsVersion: 1,
  credentials: { setAt: ago(20), shown: { method: 'key', orgUrl: 'https://acme.okta.example', clientId: '0oa1' } },
  version: 3,
  ...more,
});

const NOTHING = {
  add: 0,
  link: 0,
  relink: 0,
  update: 0,
  restore: 0,
  archive: 0,
  skip: 0,
  conflict: 0,
  held: 0,
  approve: 0,
};

export const run = (more: object = {}): Record<string, unknown> => ({
  id: idOf(41),
  connectionId: idOf(40),
  kind: 'preview',
  state: 'ready',
  phase: null,
  startedAt: ago(1),
  finishedAt: ago(0),
  cancelAskedAt: null,
  settingsVersion: 1,
  confirms: null,
  progress: { pages: 7, records: 1_240, requests: 9, toDecide: 0, decided: 0, toApply: 0, applied: 0 },
  counts: { ...NOTHING, read: 1_300, unchanged: 900, add: 312, link: 41, update: 3, archive: 2, skip: 12, conflict: 1, approve: 2 },
  error: null,
  ...more,
}); // prettier-ignore

export const line = (seq: number, label: string, text: string, more: object = {}): Record<string, unknown> => ({
  seq,
  kind: 'add',
  disposition: 'apply',
  situation: 'newcomer',
  externalId: `00u${seq}`,
  personId: null,
  label,
  reason: { code: 'x', text },
  before: null,
  after: null,
  ...more,
});

const PLAN = ok({
  items: [
    line(1, 'Ana Soares <ana.soares@maplewood.example>', 'New in the directory.'),
    line(2, 'محمد بن عبد الرحمن <mohammed@maplewood.example>', 'New in the directory.'),
    line(3, '山田 太郎 <taro.yamada@maplewood.example>', 'Has the same address as somebody who is here.', { kind: 'link' }),
    line(4, `Wolfeschlegelsteinhausenbergerdorff ${LONG} <w@maplewood.example>`, 'Her last name has changed.', {
      kind: 'update',
      before: { lastName: 'Ek' },
      after: { lastName: 'Wolfeschlegelsteinhausenbergerdorff' },
    }),
    line(5, 'Bo Lund <bo@maplewood.example>', 'Has left: deactivated in the directory.', { kind: 'archive' }),
    line(6, 'Printer 4 <printer@maplewood.example>', 'Is no person: it has no last name.', { kind: 'skip', disposition: 'skip' }),
  ],
  next: 'more',
}); // prettier-ignore

const events = (value: object): Answer => ({
  status: 200,
  body: `event: run\ndata: ${JSON.stringify(value)}\n\n`,
  type: 'text/event-stream',
});

const directory = (made: object | null, newest: object | null = null): Record<string, Answer> => ({
  '/api/v1/session': settingUp('directory'),
  '/api/v1/connection-kinds': ok({ items: [KIND, { ...KIND, provider: 'oak', title: 'Oak Workspace' }] }),
  '/api/v1/connections': ok({ items: made === null ? [] : [made] }),
  '/api/v1/runs': ok({ items: newest === null ? [] : [newest], next: null }),
  [`/api/v1/connections/${idOf(40)}/set-up-steps`]: ok({ items: STEPS }),
  [`/api/v1/runs/${idOf(41)}/plan`]: PLAN,
}); // prettier-ignore

const choose = async (page: Page, name: string): Promise<void> => page.getByRole('radio', { name }).check();
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
const see = (page: Page, text: string): Promise<void> => page.getByText(text).first().waitFor();

const provider = (more: object = {}): Record<string, unknown> => ({
  id: idOf(8),
  preset: 'elm',
  name: LONG,
  issuer: 'https://elm.example',
  clientId: 'rollcall',
  state: 'setup',
  connectionId: null,
  testedAt: null,
  problem: null,
  version: 2,
  ...more,
});

const PRESET_STEPS = [
  {
    title: 'Grant type and redirect addresses',
    text: 'Set these addresses.',
    values: { 'Sign-in redirect URI': `https://rollcall.maplewood.example/sign-in/callback/${idOf(1)}/${idOf(8)}` },
  },
  { title: 'Copy the client id and secret', text: 'They stand on the General tab.', values: {} },
];
const PRESETS = {
  id: idOf(8),
  items: [
    { preset: 'elm', title: 'Elm', issuer: null, issuerHint: 'The address of your organisation.', settings: {}, provider: 'elm', steps: PRESET_STEPS },
    { preset: 'oak', title: 'Oak Workspace', issuer: 'https://oak.example', issuerHint: null, settings: {}, provider: null, steps: PRESET_STEPS },
  ],
}; // prettier-ignore

const DOMAIN = {
  id: idOf(50),
  name: 'maplewood.example',
  verifiedAt: null,
  dnsRecord: {
    type: 'TXT',
    name: '_rollcall.maplewood.example',
    value: `rollcall-domain-verification=${'x'.repeat(43)}`,
  },
};

const sso = (made: object | null, domains: object[] = [DOMAIN]): Record<string, Answer> => ({
  '/api/v1/session': settingUp('sso'),
  '/api/v1/identity-providers': ok({ items: made === null ? [] : [made] }),
  '/api/v1/sign-in-presets': ok(PRESETS),
  '/api/v1/domains': ok({ items: domains, next: null }),
  [`/api/v1/identity-providers/${idOf(8)}/steps`]: ok({ items: PRESET_STEPS }),
});

const scene = (name: string, answers: Record<string, Answer>, act: (page: Page) => Promise<void>): Scene => ({
  name: `setting up, ${name}`,
  path: '/set-up',
  heading: HEADING,
  answers,
  act,
});

const WHOLE = connection();
const TESTS = `/api/v1/identity-providers/${idOf(8)}/tests`;

/** The page of a set-up link, in each of its states. */
export const SET_UP_SCENES: readonly Scene[] = [
  { name: 'a set-up link', path: '/set-up#secret', heading: 'Set up your company' },
  { name: 'no set-up link', path: '/set-up', heading: 'Set up your company', act: (page) => see(page, 'Ask whoever sent') },
  {
    name: 'a dead set-up link',
    path: '/set-up#secret',
    heading: 'Set up your company',
    answers: { '/api/v1/set-up/open': problem(403, 'set_up_link.dead', 'This link does not work any more.') },
    act: async (page) => {
      await press(page, 'Open it');
      await see(page, 'What was saved with it is kept.');
    },
  },
  {
    name: 'a dead set-up link, in the browser that opened it',
    path: '/set-up#secret',
    heading: 'Set up your company',
    answers: { ...directory(null), '/api/v1/set-up/open': problem(403, 'set_up_link.dead', 'This link is used up.') },
    act: async (page) => {
      await press(page, 'Open it');
      await page.getByRole('button', { name: 'Go on where you were' }).waitFor();
    },
  },
  { name: 'a test that came back', path: '/set-up?tested', heading: 'The test has come back' },
  scene('a directory is chosen', directory(null), async (page) => see(page, 'Where does your company')),
  scene('its list cannot be had', { ...directory(null), '/api/v1/connections': problem(503, 'x', 'Rollcall is busy; try again.') }, async (page) => see(page, 'Rollcall is busy')),
  scene('how it is read, with what is missing', directory(null), async (page) => {
    await press(page, 'Elm Directory');
    await choose(page, 'API token');
    await press(page, 'Save and go on');
    await see(page, 'This is needed.');
  }),
  scene('a key file', directory(null), async (page) => {
    await press(page, 'Elm Directory');
    await choose(page, 'Your own service account');
    await see(page, 'Choose a file');
  }),
  scene('the key that was made', directory(connection({ credentials: { setAt: ago(1), shown: { method: 'key', orgUrl: 'https://acme.okta.example', clientId: null } } })), async (page) => see(page, 'Public key (JWK)')),
  scene(
    'a test of the connection',
    {
      ...directory(WHOLE),
      [`/api/v1/connections/${idOf(40)}/test`]: ok({
        passed: false,
        checks: [
          { name: 'Credentials', outcome: 'passed', message: 'Okta takes them.' },
          { name: 'People', outcome: 'failed', message: 'The scope okta.users.read is missing: grant it on the Okta API Scopes tab.' },
          { name: 'Groups', outcome: 'warning', message: 'Not needed for everybody.' },
          { name: 'Log', outcome: 'skipped', message: 'The list of people comes first.' },
        ],
      }),
    },
    async (page) => {
      await press(page, 'Test connection');
      await see(page, 'Does not work');
    },
  ),
  scene(
    'who and what',
    { ...directory(WHOLE), [`/api/v1/connections/${idOf(40)}/test`]: ok({ passed: true, checks: [] }), [`/api/v1/connections/${idOf(40)}/attributes`]: ok({ items: [], unlisted: [], missing: null }) },
    async (page) => {
      await press(page, 'Test connection');
      await press(page, 'Go on');
      await choose(page, 'Members of groups');
      await page.getByText('Which attribute fills which field').click();
      await page.getByLabel('Employee number').waitFor();
    },
  ),
  scene('reading', { ...directory(WHOLE, run({ state: 'reading', phase: 'read' })), [`/api/v1/runs/${idOf(41)}/progress`]: events(run({ state: 'reading', phase: 'read' })) }, async (page) => see(page, 'Reading the directory')),
  scene('a preview', directory(WHOLE, run()), async (page) => see(page, 'Ana Soares')),
  scene('a preview with nothing in it', directory(WHOLE, run({ counts: { ...NOTHING, read: 0, unchanged: 0 } })), async (page) => see(page, 'Nothing would change')),
  scene('a preview that failed', directory(WHOLE, run({ state: 'failed', error: { code: 'unauthorized', message: 'Okta does not take the API token any more; make a new one.' } })), async (page) => see(page, 'make a new one')),
  scene('a preview of other settings', directory(connection({ settingsVersion: 2 }), run()), async (page) => see(page, 'have changed since')),
  scene('making the changes', { ...directory(WHOLE, run({ confirms: idOf(42), state: 'applying', phase: 'apply' })), [`/api/v1/runs/${idOf(41)}/progress`]: events(run({ state: 'applying', phase: 'apply', progress: { pages: 7, records: 1_300, requests: 9, toDecide: 400, decided: 400, toApply: 360, applied: 120 } })) }, async (page) => see(page, '120 of 360')),
  scene('the sync is on', directory(connection({ state: 'active' }), run({ confirms: idOf(42), kind: 'full', state: 'succeeded' })), async (page) => see(page, 'Directory Sync is on')),
  scene('a sign-in is chosen', sso(null, []), async (page) => see(page, 'Where do your people')),
  scene('the sign-in, with what is missing', sso(null), async (page) => {
    await press(page, 'Elm');
    await press(page, 'Save and go on');
    await see(page, 'This is needed.');
  }),
  scene('a provider that is silent', sso(provider({ problem: { code: 'discovery', message: 'The provider does not answer.', since: ago(10) } })), async (page) => see(page, 'The provider does not answer.')),
  scene(
    'a test sign-in',
    {
      ...sso(provider()),
      [TESTS]: ok({ id: idOf(60), url: '/signed-out' }),
      [`${TESTS}/${idOf(60)}`]: ok({
        state: 'done',
        because: null,
        claims: [
          { name: 'sub', value: '00u1a2b3c4' },
          { name: 'email', value: 'ada@maplewood.example' },
          { name: 'https://maplewood.example/claims/department-of-the-person', value: null },
        ],
        wouldHappen: { outcome: 'link', code: 'email', sentence: 'The account would be tied to a person who is here, and they would get in.' },
        stepUp: { possible: false, sentence: 'This provider does not tell when somebody signed in.' },
      }),
    },
    async (page) => {
      await press(page, 'Test sign-in');
      await see(page, 'The test passed.');
      await see(page, 'does not tell when somebody signed in');
    },
  ),
  scene('a test sign-in that failed', { ...sso(provider()), [TESTS]: ok({ id: idOf(60), url: '/signed-out' }), [`${TESTS}/${idOf(60)}`]: ok({ state: 'failed', because: 'audience', claims: [], wouldHappen: null, stepUp: null }) }, async (page) => {
    await press(page, 'Test sign-in');
    await see(page, 'Compare the client ID.');
  }),
  scene('single sign-on can be switched on', sso(provider({ testedAt: ago(1) })), async (page) => see(page, 'A test has passed')),
  scene('single sign-on is on', sso(provider({ testedAt: ago(1), state: 'active' }), [{ ...DOMAIN, verifiedAt: ago(1) }]), async (page) => see(page, 'Single sign-on is on')),
]; // prettier-ignore
