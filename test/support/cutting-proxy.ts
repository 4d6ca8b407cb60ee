import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where the connection breaks: the server never hears of COMMIT, dies while it works on it, or its answer is lost. */
export type Cut = 'before' | 'in' | 'after';

/** Stands between a service and its database, and breaks the connection at a COMMIT of a transaction that it knows. */
export class CuttingProxy implements AsyncDisposable {
  private armed: { cut: Cut; writing: string } | null = null;
  private readonly sockets = new Set<Socket>();
  /** How often it cut. */
  cuts = 0;

  private constructor(
    private readonly server: Server,
    /** Of the database, through here. */
    readonly url: string,
  ) {}

  static async before(databaseUrl: string): Promise<CuttingProxy> {
    const target = new URL(databaseUrl);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    const url = new URL(databaseUrl);
    url.searchParams.delete('host');
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    const proxy = new CuttingProxy(server, url.href);
    server.on('connection', (client) => proxy.join(client, reach(target)));
    return proxy;
  }

  /** Once, at the COMMIT of the next transaction in which this text was sent. */
  arm(cut: Cut, writing: string): void {
    this.armed = { cut, writing };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(client: Socket, database: Socket): void {
    let said = '';
    let answerIsLost = false;
    const end = (): void => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      this.sockets.add(socket);
      socket.on('close', () => {
        this.sockets.delete(socket);
        end();
      });
      // A reset is what this is about; the other side hears of it by the end of its socket.
      socket.on('error', end);
    }
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      said += text;
      const commits = text.includes('COMMIT');
      const due = commits && this.armed !== null && said.includes(this.armed.writing) ? this.armed.cut : null;
      if (commits || text.includes('ROLLBACK')) said = '';
      if (due !== null) {
        this.armed = null;
        this.cuts += 1;
      }
      if (due === 'before') return end();
      answerIsLost = due === 'after';
      // Sent, and nobody waits for the answer.
      database.write(chunk, due === 'in' ? end : undefined);
    });
    database.on('data', (chunk) => {
      if (answerIsLost) end();
      else client.write(chunk);
    });
  }
}

/** By its port, or by the socket in the folder that the address names. */
function reach(target: URL): Socket {
  const folder = target.searchParams.get('host');
  const port = Number(target.port || 5432);
  return folder === null ? connect(port, target.hostname) : connect(`${folder}/.s.PGSQL.${port}`);
}
