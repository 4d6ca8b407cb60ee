import { markup, type Markup } from '../markup.js';
import type { MailContent } from './content.js';

/** Where the installation says who it is. */
export interface Sender {
  /** Host of `server.publicUrl`. */
  host: string;
}

/** The one look of all mails, as MJML. Colours have a contrast of at least 4.5 on their ground, light and dark. */
export function layout(content: MailContent, { host }: Sender): Markup {
  return markup`<mjml lang="en" dir="ltr">
  <mj-head>
    <mj-title>${content.subject}</mj-title>
    <mj-preview>${content.preview}</mj-preview>
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
      @media only screen and (max-width: 480px) { .button a, .button table { width: 100% !important; box-sizing: border-box; text-align: center; } .card, .card > table { border-radius: 0 !important; } }
      @media (prefers-color-scheme: dark) {
        body, body > div, .ground { background: #0f1419 !important; background-color: #0f1419 !important; }
        .card, .card > table, .card > table > tbody > tr > td { background-color: #1b222b !important; }
        .ink div, .ink td, .ink th { color: #e6eaef !important; }
        .faint div, .faint th { color: #a3afbd !important; }
        .rule p { border-top-color: #36414e !important; }
        .button td, .button a { background: #7aa2ff !important; color: #0b1526 !important; }
      }
    </mj-style>
  </mj-head>
  <mj-body background-color="#f3f5f7" width="560px" css-class="ground">
    <mj-section padding="24px 16px 0"></mj-section>
    <mj-section background-color="#ffffff" border-radius="10px" padding="28px 0 16px" css-class="card">
      <mj-column>
        <mj-text font-size="14px" font-weight="700" letter-spacing="0.02em" color="#5b6774" css-class="faint">Rollcall</mj-text>
        <mj-text font-size="22px" font-weight="700" line-height="1.3" css-class="ink"><h1 style="margin:0;font:inherit;color:inherit;">${content.heading}</h1></mj-text>
        ${content.paragraphs.map((text) => markup`<mj-text css-class="ink">${text}</mj-text>`)}
        ${content.facts.length > 0 ? [facts(content.facts)] : []}
        ${content.button === null ? [] : [button(content.button)]}
        ${content.notes.map((text) => markup`<mj-text font-size="14px" color="#5b6774" padding="0 32px 12px" css-class="faint">${text}</mj-text>`)}
      </mj-column>
    </mj-section>
    <mj-section padding="16px 0 32px">
      <mj-column>
        <mj-text font-size="13px" color="#5b6774" css-class="faint">Sent by Rollcall at ${host}, by itself. Answers are not read.</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`;
}

function facts(rows: MailContent['facts']): Markup {
  const lines = rows.map(
    ([label, value]) =>
      markup`<tr><th scope="row" align="left" valign="top" style="font-weight:400;padding:4px 16px 4px 0;white-space:nowrap;width:1%;color:#5b6774;">${label}</th><td valign="top" style="padding:4px 0;word-break:break-word;">${value}</td></tr>`,
  );
  return markup`<mj-table css-class="ink faint" role="none">${lines}</mj-table>`;
}

/** The address stands below once more, as text, for programs that show no buttons. */
function button({ label, url }: { label: string; url: string }): Markup {
  return markup`<mj-button href="${url}">${label}</mj-button>
        <mj-text font-size="14px" color="#5b6774" padding="0 32px 4px" css-class="faint">Or copy this address into your browser:</mj-text>
        <mj-text font-size="13px" color="#5b6774" padding="0 32px 20px" css-class="faint link">${url}</mj-text>`;
}
