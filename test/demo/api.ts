/** A run as the API shows it; what the demo looks at. */
export interface Run {
  id: string;
  state: string;
  startedAt: string | null;
  finishedAt: string | null;
  holdId: string | null;
  counts: Record<
    'read' | 'unchanged' | 'add' | 'link' | 'update' | 'restore' | 'archive' | 'skip' | 'held' | 'conflict',
    number
  >;
  error: { message: string } | null;
}

export interface Change {
  kind: string;
  label: string;
  personId: string | null;
  externalId: string | null;
  reason: { text: string };
}

const OVER = new Set(['succeeded', 'ready', 'failed', 'cancelled']);

/** Asks the API of one organisation, like any other program. */
export class Api {
  readonly #url: string;
  readonly #key: string;
  readonly #signal: AbortSignal;

  constructor(url: string, key: string, signal: AbortSignal) {
    this.#url = url;
    this.#key = key;
    this.#signal = signal;
  }

  get<Body>(path: string): Promise<Body> {
    return this.#call<Body>('GET', path);
  }

  post<Body>(path: string, body: object = {}): Promise<Body> {
    return this.#call<Body>('POST', path, body);
  }

  /** Follows the stream of a run's progress until it is over. */
  async ended(id: string): Promise<Run> {
    const response = await this.#fetch('GET', `/api/v1/runs/${id}/progress`);
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        const run = data === undefined ? null : (JSON.parse(data) as Run);
        if (run !== null && OVER.has(run.state)) return run;
      }
    }
    return this.get<Run>(`/api/v1/runs/${id}`);
  }

  /** A resync now, to its end. */
  async resync(connectionId: string): Promise<Run> {
    return this.ended((await this.post<Run>(`/api/v1/connections/${connectionId}/runs`)).id);
  }

  async changes(runId: string): Promise<Change[]> {
    return (await this.get<{ items: Change[] }>(`/api/v1/runs/${runId}/changes?limit=200`)).items;
  }

  async active(): Promise<number> {
    return (await this.get<{ active: number }>('/api/v1/people/counts')).active;
  }

  async #call<Body>(method: string, path: string, body?: object): Promise<Body> {
    return (await (await this.#fetch(method, path, body)).json()) as Body;
  }

  async #fetch(method: string, path: string, body?: object): Promise<Response> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: this.#signal,
    });
    if (response.ok) return response;
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  }
}
