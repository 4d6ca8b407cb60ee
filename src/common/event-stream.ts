import { PassThrough } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Observable } from 'rxjs';

/** What waits for somebody who does not read it, bytes; beyond, they are cut off and may come back. */
const MOST_WAITING = 1_048_576;

export interface StreamedEvent {
  type: string;
  /** Sent as JSON. */
  data: unknown;
}

/**
 * Server-sent events as a file that never ends. Unlike Nest's own, nothing is sent before the handler has answered: what
 * is not there, or another organisation's, is 404 here as everywhere.
 */
export function eventStream(events: Observable<StreamedEvent>): StreamableFile {
  const stream = new PassThrough();
  const subscription = events.subscribe({
    next: ({ type, data }) => {
      // JSON has no line breaks of its own.
      stream.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      if (stream.writableLength > MOST_WAITING) stream.destroy();
    },
    error: (error: Error) => stream.destroy(error),
    complete: () => stream.end(),
  });
  stream.once('close', () => subscription.unsubscribe());
  return new StreamableFile(stream, { type: 'text/event-stream; charset=utf-8' });
}
