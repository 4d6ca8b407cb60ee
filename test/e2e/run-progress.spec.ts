import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld({ people: 20 });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Told {
  id: string;
  state: string;
}

/** A stream of server-sent events, read one by one. */
class Watch implements AsyncDisposable {
  private readonly text = new TextDecoder();
  private waiting = '';

  private constructor(
    readonly response: Response,
    private readonly reader: ReadableStreamDefaultReader<Uint8Array>,
  ) {}

  static async open(runId: string): Promise<Watch> {
    const response = await fetch(new URL(`/api/v1/runs/${runId}/progress`, world.service.url), {
      headers: { authorization: `Bearer ${world.service.organisation.key}` },
    });
    if (response.body === null) throw new Error('there is no stream');
    return new Watch(response, response.body.getReader());
  }

  /** The next event that tells the run; null when the stream ended by itself. */
  async next(): Promise<Told | null> {
    for (;;) {
      const end = this.waiting.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await this.reader.read();
        if (done) return null;
        this.waiting += this.text.decode(value, { stream: true });
        continue;
      }
      const event = this.waiting.slice(0, end);
      this.waiting = this.waiting.slice(end + 2);
      const [, type, data] = /^event: (\w+)\ndata: (.*)$/u.exec(event) ?? [];
      if (type === 'run' && data !== undefined) return JSON.parse(data) as Told;
    }
  }

  async rest(): Promise<Told[]> {
    const all: Told[] = [];
    for (let told = await this.next(); told !== null; told = await this.next()) all.push(told);
    return all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reader.cancel();
  }
}

describe('the progress of a run, told as it moves', () => {
  it('begins with where the run is, outlives whoever hung up, and ends with the run', async () => {
    const { id } = await world.runs.preview(world.caller, world.connectionId);
    {
      await using first = await Watch.open(id);
      expect(first.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(await first.next()).toMatchObject({ id, state: 'queued' });
    }
    await using again = await Watch.open(id);
    expect(await again.next()).toMatchObject({ id, state: 'queued' });
    const [, told] = await Promise.all([world.runner.runAllDue(), again.rest()]);
    expect(told.at(-1)).toMatchObject({ id, state: 'ready' });
    expect(new Set(told.map((one) => one.id))).toEqual(new Set([id]));
  });

  it('of a run that is over says so once, and ends', async () => {
    const run = await world.firstSync();
    await using watch = await Watch.open(run.id);
    expect(await watch.rest()).toEqual([expect.objectContaining({ id: run.id, state: 'succeeded' })]);
  });
});
