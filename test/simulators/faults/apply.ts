import { scramble } from '../company/random.ts';
import type { Answer, Item, Reply } from '../http/answer.ts';
import { garble } from './garble.ts';
import type { Fault, FaultAction } from './model.ts';
import type { FaultScript } from './script.ts';

/** How a provider words its own errors. */
export interface ErrorShapes {
  status(status: number, code: string | undefined): Reply;
  throttle(action: Extract<FaultAction, { kind: 'throttle' }>): Reply;
  expiredCursor(): Reply;
}

/** How the bytes go out, where that is what goes wrong. */
export type Transport =
  | Extract<FaultAction, { kind: 'truncate' | 'reset' | 'hang' | 'drip' | 'huge body' | 'gzip bomb' }>
  | { readonly kind: 'plain' };

export interface Outcome {
  readonly reply: Reply;
  readonly transport: Transport;
  readonly delayMs: number;
}

interface Draft {
  answer: Answer;
  items: readonly Item[];
  next: string | null;
  otherHost: string | undefined;
  transport: Transport;
  delayMs: number;
}

/** Lets the faults act on an answer. */
export function spoilAnswer(
  answer: Answer,
  faults: readonly Fault[],
  context: { script: FaultScript; shapes: ErrorShapes; strangerUrl: string; requestUrl: string },
): Outcome {
  const draft: Draft = {
    answer,
    items: answer.listing?.items ?? [],
    next: answer.listing?.next ?? null,
    otherHost: undefined,
    transport: { kind: 'plain' },
    delayMs: 0,
  };
  const before = answer.listing ? context.script.listedBefore(answer) : null;
  for (const fault of faults) act(draft, fault.do, before, context);
  const { reply, listing } = draft.answer;
  const written = reply ?? listing?.render(draft.items, draft.next, draft.otherHost);
  if (!written) throw new TypeError('an answer is a reply or a listing');
  return { reply: written, transport: draft.transport, delayMs: draft.delayMs };
}

function act(
  draft: Draft,
  action: FaultAction,
  before: Item | null,
  context: { shapes: ErrorShapes; strangerUrl: string; requestUrl: string },
): void {
  const say = (reply: Reply): void => {
    draft.answer = { ...draft.answer, reply };
  };
  switch (action.kind) {
    case 'status': {
      const reply = context.shapes.status(action.status, action.code);
      return say({ ...reply, headers: { ...reply.headers, ...action.headers } });
    }
    case 'throttle':
      return say(context.shapes.throttle(action));
    case 'expired cursor':
      return say(context.shapes.expiredCursor());
    case 'body':
      return say({
        status: action.status ?? 200,
        headers: { 'content-type': action.contentType ?? 'application/json; charset=utf-8' },
        body: action.body,
      });
    case 'redirect': {
      const to = action.to === 'stranger' ? context.strangerUrl : action.to === 'self' ? '' : action.to;
      return say({ status: action.status, headers: { location: `${to}${context.requestUrl}` }, body: '' });
    }
    case 'truncate':
    case 'reset':
    case 'hang':
    case 'drip':
    case 'huge body':
    case 'gzip bomb':
      draft.transport = action;
      return;
    case 'delay':
      draft.delayMs += action.ms;
      return;
    case 'change':
      draft.answer = action.change(draft.answer);
      draft.items = draft.answer.listing?.items ?? draft.items;
      return;
    case 'set':
      return setFields(draft, action);
    case 'next':
    case 'endless':
      return misdirect(draft, action, context.strangerUrl);
    case 'keep':
    case 'omit':
    case 'repeat':
    case 'garble':
      return changeItems(draft, action, before);
  }
}

function misdirect(
  draft: Draft,
  action: Extract<FaultAction, { kind: 'next' | 'endless' }>,
  strangerUrl: string,
): void {
  const { listing } = draft.answer;
  if (!listing) return;
  if (action.kind === 'endless') {
    draft.items = draft.items.slice(0, 1);
    draft.next = listing.fresh();
    return;
  }
  if (action.to === 'stranger') draft.otherHost = strangerUrl;
  else draft.next = { nowhere: null, here: listing.here, start: listing.start }[action.to];
}

function changeItems(
  draft: Draft,
  action: Extract<FaultAction, { kind: 'keep' | 'omit' | 'repeat' | 'garble' }>,
  before: Item | null,
): void {
  switch (action.kind) {
    case 'keep':
      draft.items = draft.items.slice(0, action.count);
      return;
    case 'omit': {
      const last = action.lastOfPage ? draft.items.at(-1)?.id : undefined;
      const gone = new Set(action.ids);
      draft.items = draft.items.filter(({ id }) => id !== last && !gone.has(id) && !isAmong(id, action.share ?? 0));
      return;
    }
    case 'repeat':
      if (before) draft.items = [...draft.items, before];
      return;
    case 'garble': {
      const ids = action.ids ?? draft.items.slice(0, action.count ?? 1).map((item) => item.id);
      draft.items = draft.items.map((item) => (ids.includes(item.id) ? garble(item, action.what) : item));
    }
  }
}

function setFields(draft: Draft, action: Extract<FaultAction, { kind: 'set' }>): void {
  const merge = (text: string): string => JSON.stringify({ ...(JSON.parse(text) as object), ...action.fields });
  const { ids } = action;
  if (draft.answer.listing) {
    draft.items = draft.items.map((item) =>
      ids === undefined || ids.includes(item.id)
        ? { id: item.id, json: Buffer.from(merge(item.json.toString())) }
        : item,
    );
  } else if (draft.answer.reply) {
    const { reply } = draft.answer;
    draft.answer = { ...draft.answer, reply: { ...reply, body: merge(reply.body.toString()) } };
  }
}

/** The same people every time, without a memory of who they are. */
function isAmong(id: string, share: number): boolean {
  if (share <= 0) return false;
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) >>> 0;
  return scramble(hash, 0x0517) / 4294967296 < share;
}
