import { markup, Markup } from '../markup.js';
import { stretches, withoutIsolates } from '../typed-text.js';
import type { FrameWords, MailContent } from './content.js';
import { FRAME_WORDS } from './frame-words.js';

/** Where the installation says who it is. */
export interface Sender {
  /** Host of `server.publicUrl`. */
  host: string;
  /** The organisation's own picture, which comes along with the mail under this content id; `name` stands for it. */
  logo?: { cid: string; name: string } | null;
}

/** The one look of all mails, as MJML. Colours have a contrast of at least 4.5 on their ground, light and dark. */
export function layout(content: MailContent, { host, logo = null }: Sender): Markup {
  const words = FRAME_WORDS[content.language];
  return markup`<mjml lang="${content.language}" dir="ltr">
  <mj-head>
    <mj-title>${withoutIsolates(content.subject)}</mj-title>
    <mj-preview>${withoutIsolates(content.preview)}</mj-preview>
    <mj-raw><meta name="color-scheme" content="light dark" /><meta name="supported-color-schemes" content="light dark" /></mj-raw>
    <mj-attributes>
      <mj-all font-family="-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" />
      <mj-text font-size="16px" line-height="1.5" color="#1f2933" padding="0 32px 16px" />
      <mj-button font-size="16px" font-weight="600" background-color="#1d4ed8" color="#ffffff" border-radius="6px" inner-padding="14px 28px" align="left" padding="8px 32px 24px" css-class="button" />
      <mj-table font-size="15px" line-height="1.5" color="#1f2933" padding="0 32px 16px" />
    </mj-attributes>
    <mj-style>
      :root { color-scheme: light dark; supported-color-schemes: light dark; }
      .link { word-break: break-all; }
      .quote div { border-inline-start: 3px solid #c3ccd6; padding-inline-start: 14px; }
      @media only screen and (max-width: 480px) { .button a, .button table { width: 100% !important; box-sizing: border-box; text-align: center; } .card, .card > table { border-radius: 0 !important; } }
      @media (prefers-color-scheme: dark) {
        body, body > div, .ground { background: #0f1419 !important; background-color: #0f1419 !important; }
        .card, .card > table, .card > table > tbody > tr > td { background-color: #1b222b !important; }
        .ink div, .ink td, .ink th { color: #e6eaef !important; }
        .faint div, .faint th { color: #a3afbd !important; }
        .quote div { border-inline-start-color: #4a5a6b !important; }
        .logo img { background: #ffffff; padding: 8px; border-radius: 6px; box-sizing: border-box; }
        .rule p { border-top-color: #36414e !important; }
        .button td, .button a { background: #7aa2ff !important; color: #0b1526 !important; }
      }
    </mj-style>
  </mj-head>
  <mj-body background-color="#f3f5f7" width="560px" css-class="ground">
    <mj-section padding="24px 16px 0"></mj-section>
    <mj-section background-color="#ffffff" border-radius="10px" padding="28px 0 16px" css-class="card">
      <mj-column>
        ${logo === null ? [brand()] : [picture(logo)]}
        <mj-text font-size="22px" font-weight="700" line-height="1.3" css-class="ink"><h1 style="margin:0;font:inherit;color:inherit;">${typed(content.heading)}</h1></mj-text>
        ${content.paragraphs.map((text) => markup`<mj-text css-class="ink">${typed(text)}</mj-text>`)}
        ${content.quote.length > 0 ? [quote(content.quote)] : []}
        ${content.facts.length > 0 ? [facts(content.facts)] : []}
        ${content.button === null ? [] : [button(content.button, words)]}
        ${content.notes.map((text) => markup`<mj-text font-size="14px" color="#5b6774" padding="0 32px 12px" css-class="faint">${typed(text)}</mj-text>`)}
      </mj-column>
    </mj-section>
    <mj-section padding="16px 0 32px">
      <mj-column>
        <mj-text font-size="13px" color="#5b6774" css-class="faint">${words.sentBy(host)} ${content.answered ? words.answersRead : words.answersNotRead}</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`;
}

function brand(): Markup {
  return markup`<mj-text font-size="14px" font-weight="700" letter-spacing="0.02em" color="#5b6774" css-class="faint">Rollcall</mj-text>`;
}

/** On white in the dark: most logos are drawn for it. */
function picture({ cid, name }: { cid: string; name: string }): Markup {
  return markup`<mj-image src="cid:${cid}" alt="${withoutIsolates(name)}" width="160px" align="left" padding="0 32px 24px" css-class="logo"></mj-image>`;
}

/** Each run of typed text keeps its own direction of writing. */
function typed(text: string): Markup {
  const parts = stretches(text).map((part) => (part.typed ? markup`<bdi>${part.text}</bdi>` : markup`${part.text}`));
  return new Markup(parts.map((part) => part.text).join(''));
}

/** Every line by its own direction: what people write to each other may be in any script. */
function quote(lines: readonly string[]): Markup {
  const all = lines.map(
    (line) =>
      markup`<div dir="auto" style="padding:0;border:0;text-align:start;">${line === '' ? '\u00a0' : line}</div>`,
  );
  return markup`<mj-text css-class="ink quote">${all}</mj-text>`;
}

function facts(rows: MailContent['facts']): Markup {
  const lines = rows.map(
    ([label, value]) =>
      markup`<tr><th scope="row" align="left" valign="top" style="font-weight:400;padding:4px 16px 4px 0;white-space:nowrap;width:1%;color:#5b6774;">${typed(label)}</th><td valign="top" style="padding:4px 0;word-break:break-word;">${typed(value)}</td></tr>`,
  );
  return markup`<mj-table css-class="ink faint" role="none">${lines}</mj-table>`;
}

/** The address stands below once more, as text, for programs that show no buttons. */
function button({ label, url }: { label: string; url: string }, words: FrameWords): Markup {
  return markup`<mj-button href="${url}">${label}</mj-button>
        <mj-text font-size="14px" color="#5b6774" padding="0 32px 4px" css-class="faint">${words.copyLink}</mj-text>
        <mj-text font-size="13px" color="#5b6774" padding="0 32px 20px" css-class="faint link">${url}</mj-text>`;
}
