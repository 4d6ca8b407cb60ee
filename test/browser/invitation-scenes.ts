import type { Page } from 'playwright-core';
import { dialogOpen } from '../support/chromium.js';
import { ago, idOf, LONG, ok, problem, type Scene } from './scene.js';

const LOOK = '/api/v1/invitation/look';
const PATH = '/invitation#secret';
const HEADING = 'Join \u2068Maplewood Dairy Cooperative\u2069';

/** What the service says of an open invitation. */
export const INVITATION = {
  organisation: 'Maplewood Dairy Cooperative',
  email: 'bea@maplewood.example',
  firstName: 'Bea',
  lastName: 'Lind',
  admin: false,
  inviter: 'Ada Ek',
  message: 'Hello Bea,\n\nwe keep our teams here. See you on Monday!',
  position: 'Cheesemaker',
  team: 'Dairy',
  expiresAt: ago(-9_000),
  ways: { link: true, providers: [] },
  signedIn: null,
};

const PROVIDERS = [{ id: idOf(1), name: 'Maplewood single sign-on' }];
const SOMEBODY = { personId: idOf(2), email: 'otto@partner.example', organisation: 'Partner company' };

const scene = (name: string, change: object, more: Partial<Scene> = {}): Scene => ({
  name: `an invitation${name}`,
  path: PATH,
  answers: { [LOOK]: ok({ ...INVITATION, ...change }) },
  heading: HEADING,
  ...more,
});

const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).click();
const declining = async (page: Page): Promise<void> => {
  await press('I do not know them, or do not want this')(page);
  await dialogOpen(page);
};

/** The page of an invitation in each of its states. */
export const INVITATION_SCENES: readonly Scene[] = [
  scene('', {}),
  scene(' of little', { firstName: null, lastName: null, message: null, position: null, team: null }),
  scene(' of an admin, by the company’s sign-in or the link', {
    admin: true,
    ways: { link: true, providers: PROVIDERS },
  }),
  scene(' by the company’s sign-ins alone', {
    ways: { link: false, providers: [...PROVIDERS, { id: idOf(3), name: LONG }] },
  }),
  scene(' while the company’s sign-in is off', { ways: { link: false, providers: [] } }),
  scene(' while somebody else is signed in', { signedIn: SOMEBODY }),
  scene(
    ' in other scripts',
    {
      organisation: 'شركة منتجات الألبان',
      email: `${'b'.repeat(60)}@${'c'.repeat(60)}.example`,
      firstName: 'محمد',
      lastName: 'بن عبد الرحمن',
      inviter: 'ليلى (الإدارة)',
      message: 'مرحبًا محمد!\n\nنحن نستخدم Rollcall لإدارة الفرق.',
      position: '乳製品の職人',
      team: 'צוות החלב',
      signedIn: { ...SOMEBODY, organisation: 'حليب الشمال' },
    },
    { heading: 'Join \u2068شركة منتجات الألبان\u2069' },
  ),
  scene(' that is declined perhaps', {}, { act: declining }),
  scene(
    ' that cannot be declined now',
    {},
    {
      answers: {
        [LOOK]: ok(INVITATION),
        '/api/v1/invitation/decline': problem(503, 'unavailable', 'Rollcall is busy; try again in a minute.'),
      },
      act: async (page) => {
        await declining(page);
        await press('Decline')(page);
        await page.getByText('Rollcall is busy').waitFor();
      },
    },
  ),
  scene(
    ' that was declined',
    {},
    {
      answers: { [LOOK]: ok(INVITATION), '/api/v1/invitation/decline': { status: 204, body: '' } },
      act: async (page) => {
        await declining(page);
        await press('Decline')(page);
      },
      heading: 'You declined',
    },
  ),
  scene(
    ' that cannot be accepted now',
    {},
    {
      answers: {
        [LOOK]: ok(INVITATION),
        '/api/v1/invitation/accept': problem(503, 'unavailable', 'Rollcall is busy; try again in a minute.'),
      },
      act: async (page) => {
        await press('Accept')(page);
        await page.getByText('Rollcall is busy').waitFor();
      },
    },
  ),
  scene(
    ' that is over',
    {},
    {
      answers: { [LOOK]: problem(403, 'invitation.dead', 'This invitation does not work: it was used.') },
      act: (page) => page.getByText('This invitation does not work').waitFor(),
      heading: 'Your invitation',
    },
  ),
  scene(
    ' that cannot be had',
    {},
    {
      answers: { [LOOK]: problem(503, 'unavailable', 'Rollcall is busy; try again in a minute.') },
      act: (page) => page.getByText('Rollcall is busy').waitFor(),
      heading: 'Your invitation',
    },
  ),
  { name: 'an invitation without its link', path: '/invitation', heading: 'Your invitation' },
];
