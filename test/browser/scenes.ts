import type { Page } from 'playwright-core';
import { ACCOUNT, ago, idOf, identity, LONG, ok, passkey, problem, SESSION, type Scene } from './scene.js';
import { SET_UP_SCENES } from './set-up-scenes.js';

/** Every page in each of its states. */
export const SCENES: readonly Scene[] = [
  { name: 'sign-in', path: '/sign-in', heading: 'Sign in' },
  {
    name: 'sign-in without an address',
    path: '/sign-in',
    act: (page) => page.getByRole('button', { name: 'Continue' }).click(),
    heading: 'Sign in',
  },
  {
    name: 'sign-in while a provider is silent',
    path: '/sign-in',
    answers: { '/api/v1/sign-in/start': problem(503, 'sign_in.provider_failed', 'It does not answer at the moment.') },
    act: async (page) => {
      await typeAddress(page);
      await page.getByText('It does not answer at the moment.').waitFor();
    },
    heading: 'Sign in',
  },
  {
    name: 'the page of an organisation',
    path: '/sign-in/maplewood',
    answers: {
      '/api/v1/sign-in/places/maplewood': ok({
        name: 'Maplewood Dairy Cooperative',
        providers: [
          { id: idOf(1), name: 'Maplewood single sign-on' },
          { id: idOf(2), name: LONG },
        ],
      }),
    },
    heading: 'Sign in to Maplewood Dairy Cooperative',
  },
  { name: 'the page of no organisation', path: '/sign-in/nobody', heading: 'Sign in' },
  {
    name: 'link sent',
    path: '/sign-in',
    answers: { '/api/v1/sign-in/start': ok({ next: 'link_sent' }) },
    act: (page) => typeAddress(page),
    heading: 'Look in your mail',
  },
  { name: 'a link', path: '/sign-in/link#secret', heading: 'Sign in with your link' },
  {
    name: 'a dead link',
    path: '/sign-in/link#secret',
    answers: { '/api/v1/sign-in/link/use': problem(403, 'sign_in.link_dead', 'This link is over.') },
    act: async (page) => {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('This link is over.').waitFor();
    },
    heading: 'Sign in with your link',
  },
  { name: 'no link', path: '/sign-in/link', heading: 'Sign in with your link' },
  {
    name: 'the first operator',
    path: '/sign-in/first#secret',
    act: (page) => page.getByRole('button').click(),
    heading: 'Make the first operator',
  },
  {
    name: 'refused',
    path: `/sign-in/callback/${idOf(1)}/${idOf(2)}?code=x&state=y`,
    heading: 'You are not signed in',
  },
  { name: 'refused, opened again', path: '/sign-in/refused', heading: 'You are not signed in' },
  { name: 'signed out', path: '/signed-out?state=x', heading: 'You are signed out' },
  ...SET_UP_SCENES,
  {
    name: 'a passkey is needed',
    path: '/account',
    answers: { '/api/v1/session': ok({ ...SESSION, needs: 'passkey' }) },
    act: (page) => page.getByRole('button', { name: 'Add a passkey' }).click(),
    heading: 'Add a passkey',
  },
  {
    name: 'the account',
    path: '/account',
    answers: ACCOUNT,
    act: async (page) => {
      await page.getByRole('button', { name: 'Connect Partner company' }).waitFor();
      await page.getByRole('button', { name: 'End the session of Safari on iPhone' }).waitFor();
    },
    heading: 'Your account',
  },
  {
    name: 'the account of a visitor for support',
    path: '/account',
    answers: {
      ...ACCOUNT,
      '/api/v1/session': ok({
        ...SESSION,
        person: null,
        operator: true,
        support: { organisationName: 'Maplewood', reason: 'They asked for help.', endsAt: ago(-30) },
      }),
    },
    heading: 'Your account',
  },
  {
    name: 'the account of somebody with names of other scripts, and a provider that is switched off',
    path: '/account',
    answers: {
      ...ACCOUNT,
      '/api/v1/session': ok({
        ...SESSION,
        organisation: { id: idOf(1), name: 'شركة منتجات الألبان' },
        person: {
          ...SESSION.person,
          firstName: '太郎',
          lastName: 'محمد بن عبد الرحمن',
          email: `${'a'.repeat(60)}@${'b'.repeat(60)}.example`,
        },
      }),
      '/api/v1/me/passkeys': ok({ items: [passkey(5, 'حاسوب العمل'), passkey(6, '会社のノートパソコン')] }),
      '/api/v1/me/identities': ok({ items: [identity(6, LONG, false)], others: [{ id: idOf(7), name: LONG }] }),
    },
    act: (page) => page.getByText('会社のノートパソコン').waitFor(),
    heading: 'Your account',
  },
  {
    name: 'another name for a passkey',
    path: '/account',
    answers: ACCOUNT,
    act: async (page) => {
      await page.getByRole('button', { name: 'Rename Work laptop' }).click();
      await page.getByRole('dialog').getByLabel('Name it').waitFor();
    },
    heading: 'Your account',
  },
  {
    name: 'the account cannot be had',
    path: '/account',
    answers: { '/api/v1/session': problem(503, 'unavailable', 'Rollcall is busy; try again in a minute.') },
    act: (page) => page.getByText('Rollcall is busy').waitFor(),
    heading: 'Your account',
  },
  {
    name: 'showing once more who one is',
    path: '/account',
    answers: { ...ACCOUNT, [`/api/v1/me/passkeys/${idOf(5)}`]: problem(403, 'session.reauthentication_needed', 'x') },
    act: async (page) => {
      await page.getByRole('button', { name: 'Remove Work laptop' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).waitFor();
    },
    heading: 'Your account',
  },
];

async function typeAddress(page: Page): Promise<void> {
  await page.getByLabel('Work e-mail').fill('ada@maplewood.example');
  await page.keyboard.press('Enter');
}
