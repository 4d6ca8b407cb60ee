import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mails } from '../../src/mail/mails.service.js';
import { Random } from '../simulators/index.ts';
import { startService, type TestService } from '../support/service.js';
import { TestSmtp } from '../support/smtp.js';

const ORIGIN = 'https://rollcall.acme.example';
const KILLS = Number(process.env['MAIL_KILLS'] ?? 24);
/** More mails than kills: each process has something to send. */
const MAILS = KILLS * 3;

const folder = mkdtempSync(join(tmpdir(), 'rollcall-mail-'));
let smtp: TestSmtp;
let service: TestService;

beforeAll(async () => {
  smtp = await TestSmtp.start();
  writeFileSync(join(folder, 'ca.pem'), smtp.authority);
  service = await startService({ config: { server: { publicUrl: ORIGIN } } });
});
afterAll(async () => {
  await service.close();
  await smtp.close();
  rmSync(folder, { recursive: true });
});

function sender(now: Date): ChildProcess {
  const script = ['--import', './test/support/register-typescript.mjs', 'test/support/mail-process.ts'];
  return spawn(process.execPath, script, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      ROLLCALL_ENV: 'test',
      DATABASE_URL: service.databaseUrl,
      ROLLCALL_SERVER_PUBLIC_URL: ORIGIN,
      ROLLCALL_MAIL_SMTP_URL: smtp.url,
      ROLLCALL_MAIL_FROM: 'rollcall@acme.example',
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      MAIL_SECRET_KEY: service.secretKey,
      MAIL_NOW: now.toISOString(),
    },
  });
}

it(`I-20 of ${MAILS} mails none is lost and none goes astray in ${KILLS} kills, and each kill doubles one of an organisation at most`, async () => {
  const random = new Random(20);
  const mails = service.app.get(Mails, { strict: false });
  const other = await service.newOrganisation();
  for (let at = 0; at < MAILS; at++) {
    const { id } = at % 2 === 0 ? service.organisation : other;
    await service.database.asOrganisation(id, (tx) =>
      mails.enqueue(tx, {
        template: 'sign_in_link',
        cause: `mail:${at}`,
        to: `p${at}@acme.example`,
        personId: null,
        values: { link: `${ORIGIN}/sign-in/link#for-${at}-`, minutes: '10' },
      }),
    );
  }
  // What a dead process has taken is free again after a minute: each one begins two minutes after the one before.
  let now = Date.now();
  const killed = { before: 0, after: 0 };
  for (let kill = 0; kill < KILLS; kill++) {
    now += 120_000;
    const child = sender(new Date(now));
    // Of every process some mails go through; then it dies before the server has said yes, or right after.
    let left = random.int(2);
    const before = random.chance(0.5);
    smtp.beforeTaken = () => {
      left -= 1;
      if (left >= 0 || child.killed) return Promise.resolve();
      killed[before ? 'before' : 'after'] += 1;
      if (before) child.kill('SIGKILL');
      else setTimeout(() => child.kill('SIGKILL'), random.int(4));
      return Promise.resolve();
    };
    await once(child, 'exit');
    expect(child.signalCode ?? child.exitCode).toBe(child.killed ? 'SIGKILL' : 0);
  }
  smtp.beforeTaken = () => Promise.resolve();
  const last = sender(new Date(now + 120_000));
  await once(last, 'exit');
  expect(last.exitCode).toBe(0);

  const byMail = Map.groupBy(smtp.mails, ({ parsed }) => parsed.messageId ?? '');
  expect(byMail.size).toBe(MAILS);
  // Each of the two organisations had one under way.
  expect(smtp.mails.length - MAILS).toBeLessThanOrEqual(2 * (killed.before + killed.after));
  for (const copies of byMail.values()) {
    const [, at] = /^p(\d+)@/u.exec(copies[0]?.to.join() ?? '') ?? [];
    for (const { to, parsed } of copies) {
      expect(to).toEqual([`p${at}@acme.example`]);
      expect(parsed.text).toContain(`#for-${at}-\n`);
    }
  }
  expect(Math.min(killed.before, killed.after)).toBeGreaterThan(0);
  const waiting = await service.database.asWorker((tx) =>
    tx.query<object>(`SELECT id FROM mail WHERE state <> 'sent'`),
  );
  expect(waiting).toEqual([]);
}, 600_000);
