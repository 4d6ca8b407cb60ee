import createClient from 'openapi-fetch';
import { sessionOver } from './going.js';
import type { components, paths } from './generated/api.js';

export type Schemas = components['schemas'];

/** The service's own API, with the types of its description. Cookies go along: the pages are of the same origin. */
export const api = createClient<paths>({ baseUrl: '' });

/** As much of a problem (RFC 9457) as the pages show. */
export interface Problem {
  status: number;
  code: string;
  /** One sentence for whoever reads it. */
  detail: string;
  requestId: string | null;
  /** What is wrong with the fields that were sent. */
  fields?: { field: string; message: string }[];
}

/** Whether trying the same again can go better: nobody answered, too many asked, or something was down. */
export function mayPass({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500;
}

/** The service said no, or nothing. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** The body of a good answer. @throws {Refused} with what a bad one said. */
export function unwrap<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.response.ok) return answer.data as T;
  const problem = problemOf(answer.error, answer.response.status);
  if (problem.code === 'request.unauthenticated') sessionOver();
  throw new Refused(problem);
}

/** Whatever went wrong while asking, as something to read. */
export function problemFrom(thrown: unknown): Problem {
  if (thrown instanceof Refused) return thrown.problem;
  // What fetch throws when nobody answers.
  if (thrown instanceof TypeError)
    return { ...NOBODY, detail: 'Rollcall cannot be reached. Check your connection, then try again.' };
  throw thrown;
}

const NOBODY = { status: 0, code: 'offline', requestId: null };

function problemOf(body: unknown, status: number): Problem {
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string): string | null => (typeof said[name] === 'string' ? said[name] : null);
  return {
    status,
    code: text('code') ?? 'unknown',
    detail: text('detail') ?? 'Something went wrong here. Try again in a minute.',
    requestId: text('requestId'),
    fields: Array.isArray(said['fields']) ? said['fields'].filter(isFault) : [],
  };
}

function isFault(value: unknown): value is { field: string; message: string } {
  const said = (value ?? {}) as Record<string, unknown>;
  return typeof said['field'] === 'string' && typeof said['message'] === 'string';
}
