import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from './api.ts';
import { Browser } from './browser.ts';
import { api, CEDAR, shown } from './connecting.ts';
import { expect, type World } from './world.ts';

const ANA = 'ana@cedar.example';
const BO = 'bo@cedar.example';

/** Positions from junior to senior. */
const FRAMEWORK = {
  name: 'Kitchen',
  positions: [{ name: 'Cook', aliases: ['Commis'] }, { name: 'Sous Chef' }, { name: 'Chef' }],
  teams: [{ name: 'Kitchen' }],
};

const HEADER = 'Email,First name,Last name,Account active,Team,Position,Manager email,Admin';
const ROWS = [
  `${ANA},Ana,Ruiz,Active,Kitchen,Chef,,no`,
  `cy@cedar.example,Cy,Ndiaye,Active,Kitchen,Sous Chef,${ANA},no`,
  'dee@cedar.example,Dee,Østergård,Active,Garden,,,no',
  'eve@cedar.example,Eve,Lee,Pending,Kitchen,Commis,cy@cedar.example,no',
];
const FAULTY = 'fay@cedar.example,Fay,Moreau,Active,Garden,,dee@cedar.example,perhaps';
const MENDED = FAULTY.replace('perhaps', 'no');

interface Import {
  id: string;
  state: string;
  rows: number;
  unchanged: number;
  run: { id: string } | null;
}

/** A third organisation has no directory: its people come by an invitation, and by a file. */
export async function inviting(world: World): Promise<void> {
  const { screen } = world;
  const cedar = api(world, CEDAR);
  screen.chapter('Cedar has no directory, and invites by hand');
  await cedar.post('/api/v1/frameworks/import', FRAMEWORK);
  screen.say('POST', '/api/v1/frameworks/import: Cook, Sous Chef, Chef, and the team Kitchen');
  await byHand(world, cedar);
  await byFile(world, cedar);
}

async function byHand(world: World, cedar: Api): Promise<void> {
  const { screen, post, signal } = world;
  const message = join(world.house.folder, 'message.txt');
  writeFileSync(message, 'Welcome to Cedar.\nThe rota is in here from today.\n');
  const began = post.mails.length;
  await shown(world, [
    ...['invite', `Ana Ruiz <${ANA}>, ${BO}`, '-o', CEDAR],
    ...['--team', 'Kitchen', '--message', message],
  ]);
  const [mail] = await Promise.all([post.mailTo(ANA, signal), post.mailTo(BO, signal)]);
  expect(post.mails.length === began + 2, `${post.mails.length - began} mails came instead of 2.`);
  screen.say('Mail', `“${mail.parsed.subject ?? ''}” to ${ANA}: ${post.url}/${post.mails.indexOf(mail) + 1}`);

  const token = /\/invitation#(\S+)/u.exec(mail.parsed.text ?? '')?.[1];
  expect(token !== undefined, 'The mail has no link.');
  const browser = new Browser(world);
  const { body: look } = await browser.post<{ organisation: string; team: string | null }>('/api/v1/invitation/look', {
    token,
  });
  screen.say('Ana opens the link', `${look.organisation}, team ${look.team ?? 'none'}`);
  await browser.post('/api/v1/invitation/accept', { token, by: 'link', replacing: null });
  const { person } = await browser.session();
  expect(person?.email === ANA, 'Whoever accepted is not signed in.');
  const { items } = await cedar.get<{ items: { email: string; state: string }[] }>('/api/v1/invitations');
  const stateOf = (email: string): string => items.find((one) => one.email === email)?.state ?? 'gone';
  expect(stateOf(ANA) === 'accepted' && stateOf(BO) === 'delivered', `${ANA} ${stateOf(ANA)}, ${BO} ${stateOf(BO)}`);
  expect((await cedar.active()) === 1, 'Not exactly one of the invited is active.');
  screen.good('Accepted', 'Ana is active and signed in; Bo has the mail and stays pending');
}

async function byFile(world: World, cedar: Api): Promise<void> {
  const { screen, house, post, signal } = world;
  const file = join(house.folder, 'staff.csv');
  const write = (...rows: string[]): void => writeFileSync(file, [HEADER, ...rows, ''].join('\n'));

  screen.chapter('Cedar has a file of people, with a fault in it');
  write(...ROWS, FAULTY);
  screen.printed(readFileSync(file, 'utf8'));
  await shown(world, ['import', file, '-o', CEDAR, '--create-teams', '--preview']);
  expect((await cedar.active()) === 1, 'A preview changed somebody.');

  screen.chapter('The file is mended, and applied');
  write(...ROWS, MENDED);
  screen.say('staff.csv', 'line 6, admin: “perhaps” is “no” now');
  const began = post.mails.length;
  const confirmed = ['import', file, '-o', CEDAR, '--create-teams', '--yes'];
  await shown(world, confirmed);
  expect((await cedar.active()) === 4, `${await cedar.active()} people are active instead of 4.`);
  const [applied] = (await cedar.get<{ items: Import[] }>('/api/v1/imports?limit=1')).items;

  screen.chapter('The same again, the list as a file, and undo');
  await unchanged(world, cedar, confirmed);
  const out = join(house.folder, 'people.csv');
  await shown(world, ['export', '-o', CEDAR, '--out', out]);
  await unchanged(world, cedar, ['import', out, '-o', CEDAR, '--yes']);
  screen.good('No change', 'a file that was imported or exported changes nobody when it comes again');
  const newcomers = ['cy', 'dee', 'fay'].map((name) => `${name}@cedar.example`);
  await Promise.all(newcomers.map((address) => post.mailTo(address, signal)));
  expect(post.mails.length === began + 3, `${post.mails.length - began} mails came instead of 3.`);
  screen.good('Mails', 'Cy, Dee and Fay were invited, once; Eve is pending and hears nothing; Ana is here already');
  await shown(world, ['run', 'undo', applied?.run?.id ?? '', '-o', CEDAR, '--confirm']);
  expect((await cedar.active()) === 1, `${await cedar.active()} people are active after the undo, instead of 1.`);
  screen.good('Undone', 'the newcomers are archived, their invitations are closed, and Ana is as she was');
}

/** Carries an import out that has to find everybody as they are. */
async function unchanged({ house, screen }: World, cedar: Api, args: string[]): Promise<void> {
  screen.typed(`rollcall ${args.join(' ')}`);
  const before = await cedar.active();
  const { state, rows, unchanged: same } = await house.asked<Import>(...args);
  expect(state === 'applied' && rows === same, `The import is ${state}, with ${same} of ${rows} rows unchanged.`);
  expect((await cedar.active()) === before, 'Importing again changed somebody.');
  screen.say('Imported again', `${rows} rows, all unchanged`);
}
