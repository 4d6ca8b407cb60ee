import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LANGUAGES } from './languages.js';
import { compose, type MailSaying } from './compose.js';
import { FRAME_WORDS } from './templates/frame-words.js';
import type { InvitationWords } from './templates/invitation.en.js';
import { INVITATION_WORDS } from './templates/invitation.js';
import { typedLines, typedText } from './typed-text.js';

const AT = new Date('2026-11-22T20:52:00.000Z');
const SENDER = { host: 'rollcall.acme.example' };
const UNTIL = '2026-11-29T20:52:00.000Z';
const LINK = 'https://rollcall.acme.example/sign-in/link#abc.d-e_f';

/** Every template, with a typed text wherever one fits. */
function sayings(typed: string): MailSaying[] {
  return [
    { template: 'sign_in_link', values: { link: LINK, minutes: '10' } },
    { template: 'sign_in_with_provider', values: { link: LINK } },
    { template: 'new_sign_in', values: { provider: typed, device: typed } },
    { template: 'factor_changed', values: { change: 'passkey_added', name: typed, device: typed } },
    { template: 'address_changed', values: { address: typed } },
    { template: 'first_admin', values: { link: LINK } },
    ...LANGUAGES.map((language): MailSaying => ({
      template: 'invitation',
      values: {
        language,
        inviter: typed,
        message: `${typed}\nsecond`,
        position: typed,
        team: typed,
        link: LINK,
        until: UNTIL,
      },
    })),
  ];
}

const tagsOf = (html: string): string[] => [...html.matchAll(/<\/?[a-z][^\s/>]*/giu)].map(([tag]) => tag.toLowerCase());
const linksOf = (html: string): string[] =>
  [...html.matchAll(/\b(?:href|src|action)\s*=\s*"([^"]*)"/giu)].map(([, url]) => url ?? '');
/** What a mail program shows of a text that was escaped. */
const shown = (html: string): string =>
  html
    .replace(/&#(\d+);/gu, (_all, code: string) => String.fromCharCode(Number(code)))
    .replace(/&lt;/gu, '<')
    .replace(/&gt;/gu, '>')
    .replace(/&quot;/gu, '"')
    .replace(/&amp;/gu, '&');

const file = join(mkdtempSync(join(tmpdir(), 'mail-')), 'secret.mjml');
const PAYLOADS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="https://evil.example">here</a>',
  '</title><script>alert(1)</script>',
  '</mj-text></mj-column><mj-column><mj-text>more',
  '</mj-text><mj-button href="https://evil.example">Sign in</mj-button><mj-text>',
  '<mj-include path="/etc/passwd" />',
  `<mj-include path="${file}" />`,
  `<mj-include path="${file}" type="html" />`,
  '<mj-raw><script>alert(1)</script></mj-raw>',
  '<mj-style inline="inline">* { display: none }</mj-style>',
  '<mj-image src="https://evil.example/pixel" />',
  '" onmouseover="alert(1)',
  "' onmouseover='alert(1)",
  '"><script>alert(1)</script>',
  '" href="https://evil.example',
  '<!-- ',
  ' -->',
  '<![endif]--><script>alert(1)</script>',
  '<!--[if mso]><script>alert(1)</script><![endif]-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?php echo 1 ?>',
  '<!DOCTYPE html>',
  '</body></html>',
  '</style><script>alert(1)</script>',
  '{{7*7}} ${7*7} <%= 7*7 %> #{7*7} [[7*7]]',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '&amp;lt;script&amp;gt;',
  '&',
  '&copy &notit; &#0; &#x110000;',
  '<svg/onload=alert(1)>',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example"><input name=password>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  'javascript:alert(1)',
  '`${alert(1)}`',
  '\\u003cscript\\u003ealert(1)',
  '＜script＞alert(1)＜/script＞',
  '<<script>script>alert(1)<</script>/script>',
  '</mjml>',
];

describe('I-11 what people typed stays text', () => {
  it('there are forty ways to try', () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(40);
  });

  it.each(PAYLOADS)('%s', async (payload) => {
    writeFileSync(file, '<mj-text>a secret in a file</mj-text>');
    const plainOnes = await Promise.all(
      sayings('Acme').map((saying) => compose(saying, { organisation: 'Acme', at: AT }, SENDER)),
    );
    for (const [at, saying] of sayings(payload).entries()) {
      const { html, text, subject } = await compose(saying, { organisation: payload, at: AT }, SENDER);
      expect(tagsOf(html)).toEqual(tagsOf(plainOnes[at]?.html ?? ''));
      expect(linksOf(html)).toEqual(linksOf(plainOnes[at]?.html ?? ''));
      expect(shown(html)).toContain(typedText(payload));
      expect(text.replaceAll(/\s+/gu, ' ')).toContain(typedText(payload).replaceAll(/\s+/gu, ' '));
      expect(html).not.toContain('a secret in a file');
      expect(subject).not.toMatch(/[\r\n]/u);
    }
    rmSync(file);
  });

  it('a link in it is no link: what looks like an address is broken where nobody sees it', async () => {
    const frame = { organisation: 'Visit https://evil.example/now or mail m@evil.example', at: AT };
    for (const saying of sayings('www.evil.example')) {
      const { html, text, subject } = await compose(saying, frame, SENDER);
      for (const part of [html, text, subject]) {
        expect(part).not.toMatch(/https?:\/\/evil|www\.evil|evil\.example|m@evil/u);
        expect(part.replaceAll('\u2060', '')).toContain('evil.example');
      }
    }
  });

  it('is cut after 100 characters, by whole characters', () => {
    expect([...typedText('𝒜'.repeat(101))]).toHaveLength(100);
    expect(typedText('𝒜'.repeat(100))).toBe('𝒜'.repeat(100));
    expect(typedText('𝒜'.repeat(101)).endsWith('𝒜…')).toBe(true);
  });
});

describe('I-10 one line is one line', () => {
  it.each(['\r\n', '\n', '\r', '\u2028', '\u2029', '\u0085', '\v', '\f', '\0', '\u202e', '\u200b', '\ud800', '\r\n\t'])(
    'whatever breaks it: %j',
    async (end) => {
      for (const saying of sayings(`Acme${end}Bcc: mallory@evil.example`)) {
        const { subject, text } = await compose(saying, { organisation: `Acme${end}Bcc: m@x`, at: AT }, SENDER);
        expect(subject).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202e\u200b]+$/u);
        expect(text).not.toMatch(/^Bcc:/mu);
      }
    },
  );
});

describe('a mail', () => {
  it('fetches nothing: no picture, no font, no style of another host', async () => {
    for (const saying of sayings('Acme')) {
      const { html } = await compose(saying, { organisation: 'Acme', at: AT }, SENDER);
      expect(html).not.toMatch(/<(img|link|script|iframe|object|video)\b|@import|url\(/iu);
      expect(linksOf(html).filter((url) => url !== LINK)).toEqual([]);
    }
  });

  it('says the same in both of its parts', async () => {
    const saying: MailSaying = {
      template: 'factor_changed',
      values: { change: 'passkey_removed', name: 'MacBook', device: 'Chrome on macOS' },
    };
    const { subject, text, html } = await compose(saying, { organisation: 'Acme', at: AT }, SENDER);
    expect(subject).toBe('A passkey was removed at Acme');
    for (const said of [
      'A passkey was removed',
      'MacBook',
      'Chrome on macOS',
      '22 November 2026, 20:52\u00a0UTC',
      SENDER.host,
    ]) {
      expect(text).toContain(said);
      expect(shown(html)).toContain(said);
    }
  });

  it('sets typed text apart, so that its direction of writing turns nothing around it', async () => {
    const [, , , , , , saying] = sayings('فاطمة بن علي');
    if (saying === undefined) throw new Error('there is no invitation');
    const { subject, text, html } = await compose(saying, { organisation: 'شركة', at: AT }, SENDER);
    expect(subject).toBe('You are invited to شركة');
    expect(text).toContain('\u2068فاطمة بن علي\u2069 invites you to join \u2068شركة\u2069.');
    expect(html).toContain('<bdi>فاطمة بن علي</bdi> invites you to join <bdi>شركة</bdi>.');
    expect(html).toMatch(/<div dir="auto"[^>]*>فاطمة بن علي<\/div>/u);
    expect(html).not.toMatch(/[\u2066-\u2069]/u);
  });

  it('has its link on a line of its own, whole', async () => {
    const link = `https://rollcall.acme.example/sign-in/link#${'x'.repeat(22)}.${'y'.repeat(43)}`;
    const saying: MailSaying = { template: 'sign_in_link', values: { link, minutes: '10' } };
    const { text } = await compose(saying, { organisation: 'Acme', at: AT }, SENDER);
    expect(text.split('\n')).toContain(link);
    expect(
      Math.max(
        ...text
          .split('\n')
          .filter((line) => line !== link)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(72);
  });
});

describe('an invitation', () => {
  const values = {
    inviter: 'Ana Ruiz',
    message: 'Welcome!\r\n\r\n\r\n\r\nSee you on Monday,\nAna & the team',
    position: 'Senior Engineer',
    team: null,
    link: LINK,
    until: UNTIL,
  } as const;

  it.each([
    ['en', 'You are invited to Acme', '29 November 2026 at 20:52\u00a0UTC'],
    ['de', 'Einladung zu Acme', '29. November 2026 um 20:52\u00a0UTC'],
    ['fr', 'Invitation à rejoindre Acme', '29 novembre 2026 à 20:52\u00a0UTC'],
    ['es', 'Invitación a Acme', '29 de noviembre de 2026 a las 20:52\u00a0UTC'],
    ['pt', 'Convite para Acme', '29 de novembro de 2026 às 20:52\u00a0UTC'],
  ] as const)('is written in %s: %s', async (language, subject, until) => {
    const saying: MailSaying = { template: 'invitation', values: { ...values, language } };
    const mail = await compose(saying, { organisation: 'Acme', at: AT }, SENDER);
    expect(mail.subject).toBe(subject);
    expect(mail.html).toContain(`lang="${language}"`);
    const words = INVITATION_WORDS[language];
    const flat = mail.text.replaceAll(/\s+/gu, ' ');
    for (const said of [words.accept, words.whatFor, words.unknown, words.position, 'Senior Engineer', 'Ana Ruiz']) {
      expect(flat).toContain(said.replaceAll(/\s+/gu, ' '));
      expect(shown(mail.html)).toContain(said);
    }
    expect(flat).toContain(until.replaceAll('\u00a0', ' '));
    expect(mail.text).not.toContain(words.team);
  });

  it('has every word in every language, and none that is left in English', () => {
    const keys = (words: object): string[] => Object.keys(words).sort();
    const said = (words: InvitationWords): string[] =>
      (Object.values(words) as (string | ((...given: string[]) => string))[]).map((word) =>
        typeof word === 'string' ? word : word('⟦1⟧', '⟦2⟧'),
      );
    const english = INVITATION_WORDS.en;
    for (const language of LANGUAGES) {
      expect(keys(INVITATION_WORDS[language])).toEqual(keys(english));
      expect(keys(FRAME_WORDS[language])).toEqual(keys(FRAME_WORDS.en));
      const marks = said(INVITATION_WORDS[language]).map((text) => (text.match(/⟦\d⟧/gu) ?? []).sort());
      expect(marks).toEqual(said(english).map((text) => (text.match(/⟦\d⟧/gu) ?? []).sort()));
      if (language !== 'en')
        expect(said(INVITATION_WORDS[language]).filter((text) => said(english).includes(text))).toEqual([]);
    }
  });

  it('keeps the lines of a message, and marks them as somebody’s words', async () => {
    const saying: MailSaying = { template: 'invitation', values: { ...values, language: 'en' } };
    const { text, html } = await compose(saying, { organisation: 'Acme', at: AT }, SENDER);
    expect(text).toContain('> Welcome!\n>\n> See you on Monday,\n> Ana & the team\n');
    const lines = [...html.matchAll(/<div dir="auto"[^>]*>([^<]*)<\/div>/gu)].map(([, line]) => line);
    expect(lines).toEqual(['Welcome!', '\u00a0', 'See you on Monday,', 'Ana &amp; the team']);
  });

  it('takes 2,000 characters of a message and forty lines, and no more', () => {
    expect([...typedLines('𝒜'.repeat(2_001))]).toHaveLength(2_000);
    expect(typedLines(Array.from({ length: 60 }, (_, at) => `${at}`).join('\n')).split('\n')).toHaveLength(40);
  });

  it('says whether answers are read, and shows the organisation’s own picture out of the mail itself', async () => {
    const saying: MailSaying = { template: 'invitation', values: { ...values, language: 'en' } };
    const frame = { organisation: 'Acme', at: AT };
    expect((await compose(saying, frame, SENDER)).text.replaceAll('\n', ' ')).toContain('Answers are not read.');
    const own = { ...SENDER, logo: { cid: 'logo@host', name: 'Acme "&" <b>' } };
    const mail = await compose(saying, { ...frame, answered: true }, own);
    expect(mail.text.replaceAll('\n', ' ')).toContain('Answers go to the organisation.');
    expect(linksOf(mail.html).filter((url) => url !== LINK)).toEqual(['cid:logo@host']);
    expect(mail.html).toContain('alt="Acme &quot;&amp;&quot; &lt;b&gt;"');
  });
});
