/** What the service wrote into the page when it refused somebody. */
export interface RefusedData {
  page: 'refused';
  code: string;
  sentence: string;
  requestId: string;
}

/** Of this answer; null on every page that asks for what it shows. */
export function pageData(): RefusedData | null {
  const text = document.getElementById('page-data')?.textContent;
  return text === null || text === undefined || text === '' ? null : (JSON.parse(text) as RefusedData | null);
}

/** The nonce of this answer, for styles that come to be later. Browsers hide it from markup, not from scripts. */
export function nonce(): string {
  return document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
}
