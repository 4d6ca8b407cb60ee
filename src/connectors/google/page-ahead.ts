import { ignoreLate } from '../retry.js';

/** How much of either end of a body is looked at: room for the longest token and what stands around it. */
const LOOKED_AT = 4_500;

/** A member of the outermost object, by what stands in front of it: nothing but Google's own two words of a listing. */
const IN_FRONT =
  /^\s*\{(?:\s*"(?:kind|etag)"\s*:\s*"(?:[^"\\]|\\.){0,200}"\s*,)*\s*"nextPageToken"\s*:\s*"([!#-[\]-~]{1,4096})"\s*,/u;

/** A member of the outermost object, by what stands behind it: its end. */
const BEHIND = /"nextPageToken"\s*:\s*"([!#-[\]-~]{1,4096})"\s*\}\s*$/u;

/**
 * The token of the next page as it stands in the text of a listing, found without reading all of it. Only good to ask
 * ahead by: which page really comes next is said by the body once it is parsed. Null where it is not seen at once.
 */
export function nextTokenIn(body: Buffer): string | null {
  const [, behind] = BEHIND.exec(body.toString('latin1', Math.max(0, body.length - LOOKED_AT))) ?? [];
  if (behind !== undefined) return behind;
  return IN_FRONT.exec(body.toString('latin1', 0, LOOKED_AT))?.[1] ?? null;
}

/** The one page that was asked for before its turn, for the read that its signal stops. */
export class PageAhead<Answer> {
  private waiting: { token: string; signal: AbortSignal; answer: Promise<Answer> } | null = null;

  /** Nobody waits for it yet, so a failure of it is met when its turn comes. */
  ask(token: string, signal: AbortSignal, ask: () => Promise<Answer>): void {
    if (this.waiting?.token === token && this.waiting.signal === signal) return;
    const answer = ask();
    answer.catch(ignoreLate);
    this.waiting = { token, signal, answer };
  }

  /** Null when this page was not asked for; once it is taken, it is asked for anew. */
  take(token: string | null, signal: AbortSignal): Promise<Answer> | null {
    const { waiting } = this;
    if (waiting === null || waiting.token !== token || waiting.signal !== signal) return null;
    this.waiting = null;
    return waiting.answer;
  }
}
