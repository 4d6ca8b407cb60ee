import type { Answer, Route } from '../http/answer.ts';

export type PagePosition = 'first' | 'middle' | 'last';

export type Garbling =
  | 'id missing'
  | 'id null'
  | 'id number'
  | 'id 4 kB'
  | 'id with slash'
  | 'id of dots'
  | 'id emoji'
  | 'e-mail missing'
  | 'e-mail invalid'
  | 'NUL'
  | 'control characters'
  | 'lone surrogate'
  | 'right-to-left override'
  | '10 MB attribute'
  | '100000 attributes'
  | 'depth 1000'
  | 'number 1e400'
  | 'year 0'
  | 'year 275760';

/** What goes wrong. All but `change` can be sent over the control port. */
export type FaultAction =
  /** An error in the provider's own shape, as it is written for that status; `code` picks another one. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  /** Too many requests. `rate` is 429; `user quota` and `project quota` are Google's 403s; `concurrency` Okta's other 429. */
  | {
      readonly kind: 'throttle';
      readonly how?: 'rate' | 'concurrency' | 'user quota' | 'project quota';
      readonly retryAfter?: string;
      /** Seconds until Okta's reset; none leaves the rate-limit headers out. */
      readonly resetIn?: number | 'none';
    }
  | { readonly kind: 'expired cursor' }
  /** Status 200 and a body that is no answer. */
  | { readonly kind: 'body'; readonly body: string; readonly contentType?: string; readonly status?: number }
  | { readonly kind: 'truncate'; readonly how: 'content-length' | 'chunked' | 'json' }
  | { readonly kind: 'reset'; readonly when: 'before headers' | 'in headers' | 'in body' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'drip'; readonly everyMs: number }
  | { readonly kind: 'huge body'; readonly bytes: number }
  | { readonly kind: 'gzip bomb'; readonly bytes: number }
  | {
      readonly kind: 'redirect';
      readonly status: 301 | 302 | 307 | 308;
      readonly to: 'stranger' | 'self' | (string & {});
    }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Where the next page is said to be. */
  | { readonly kind: 'next'; readonly to: 'nowhere' | 'here' | 'start' | 'stranger' }
  /** Always a new marker, always the same one item. */
  | { readonly kind: 'endless' }
  /** The page lists only its first `count`. */
  | { readonly kind: 'keep'; readonly count: number }
  /** Left out of lists while direct reads still answer: these ids, a share of all, or the last one of the page. */
  | { readonly kind: 'omit'; readonly ids?: readonly string[]; readonly share?: number; readonly lastOfPage?: boolean }
  /** Something of the page before is listed once more. */
  | { readonly kind: 'repeat' }
  /** Spoils these ids, or the first `count` (default 1) of the page. */
  | { readonly kind: 'garble'; readonly what: Garbling; readonly ids?: readonly string[]; readonly count?: number }
  /** Sets fields of the reply's JSON object; in a list, of each item, or of those with these ids. */
  | { readonly kind: 'set'; readonly fields: Record<string, unknown>; readonly ids?: readonly string[] }
  /** Anything else; in the same process only. */
  | { readonly kind: 'change'; readonly change: (answer: Answer) => Answer };

export interface Fault {
  /** Shown in the request log. */
  readonly name?: string;
  readonly route?: Route | readonly Route[];
  /** Of a list; `middle` of an even number is the later one. Other requests match only where no page is named. */
  readonly page?: PagePosition | number;
  /** The id that the request names. */
  readonly subject?: string;
  /** How often, 1 by default. */
  readonly times?: number | 'forever';
  /** So many matching requests are let through first. */
  readonly after?: number;
  readonly do: FaultAction;
}
