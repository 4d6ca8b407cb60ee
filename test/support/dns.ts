import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A name server on this machine that knows TXT records alone. */
export interface NameServer extends AsyncDisposable {
  /** As resolvers take it: `127.0.0.1:5353`. */
  address: string;
  /** What stands at a name; none at all for a name that is not here. */
  texts: Map<string, string[]>;
  /** Answers SERVFAIL to everything while true. */
  broken: boolean;
  /** Names that were asked for. */
  asked: string[];
  close(): Promise<void>;
}

const TXT = 16;
const HEADER = 12;
const NAME_ERROR = 3;
const SERVER_FAILURE = 2;
const LONGEST_PIECE = 255;

export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const close = async (): Promise<void> => {
    socket.close();
    await once(socket, 'close');
  };
  const server: NameServer = {
    address: `127.0.0.1:${socket.address().port}`,
    texts: new Map(),
    broken: false,
    asked: [],
    close,
    [Symbol.asyncDispose]: close,
  };
  socket.on('message', (query, from) => socket.send(answerTo(query, server), from.port, from.address));
  return server;
}

function answerTo(query: Buffer, server: NameServer): Buffer {
  const { name, end } = nameAt(query, HEADER);
  server.asked.push(name);
  const texts = query.readUInt16BE(end) === TXT ? server.texts.get(name.toLowerCase()) : undefined;
  const code = server.broken ? SERVER_FAILURE : texts === undefined ? NAME_ERROR : 0;
  const answers = code === 0 ? (texts ?? []).map(answerOf) : [];
  const header = Buffer.alloc(HEADER);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, query.subarray(HEADER, end + 4), ...answers]);
}

function answerOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += LONGEST_PIECE) {
    const piece = bytes.subarray(at, at + LONGEST_PIECE);
    pieces.push(Buffer.from([piece.length]), piece);
  }
  const data = Buffer.concat(pieces);
  const head = Buffer.alloc(12);
  // The name of the question, by a pointer.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(TXT, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function nameAt(query: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}
