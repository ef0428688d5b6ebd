/** Binds the application to a socket, with bounds on what a client may do to a connection. */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { createAdaptorServer } from '@hono/node-server';

import { fail, reasonOf } from '../core/errors.ts';
import type { Gate } from './gate.ts';
import type { Limits } from './limits.ts';

/** Time for all headers of a request, in ms. */
const HEADERS_TIME = 10_000;
/** Time that a connection may do nothing between requests, in ms. */
const KEEP_ALIVE = 20_000;
/** Beyond the time of a request, how long a connection may stand still; and how long a server that ends waits for clients. In ms. */
const SLACK = 15_000;
/** Bytes of all headers of a request. */
const HEADER_BYTES = 16_384;

export interface Listening {
  /** Such as http://127.0.0.1:8080. */
  readonly url: string;
  /** Lets no work in, waits for what is under way and until it is sent, and closes the socket. */
  readonly drain: () => Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly limits: Limits;
  readonly gate: Gate;
}

/** @throws RelataError `E_USAGE` when the address cannot be had */
export async function listen(
  app: { readonly fetch: (request: Request, env?: object) => Response | Promise<Response> },
  { host, port, limits, gate }: ListenOptions,
): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    hostname: 'localhost', // of a request that names none, as HTTP/1.0 allows: health checks do
    serverOptions: {
      // From the first byte to the last of a request; the answer has a time of its own.
      requestTimeout: Math.max(limits.seconds * 1000, HEADERS_TIME),
      headersTimeout: HEADERS_TIME,
      keepAliveTimeout: KEEP_ALIVE,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: HEADER_BYTES,
    },
  }) as Server;
  server.maxConnections = limits.connections;
  server.setTimeout(limits.seconds * 1000 + SLACK);
  const connections = new Connections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const help = 'Choose another --port (0: any that is free) or --host.';
      reject(fail('E_USAGE', { what: `Expected to listen on ${host}:${port}: ${reasonOf(error)}`, help }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    drain: async () => {
      await gate.drain();
      await connections.close();
    },
  };
}

/** Which connections are waiting for an answer: Node's own list leaves out those that have never asked. */
class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #busy = new Set<Socket>();
  #closing = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
    server.on('request', ({ socket }, response) => {
      this.#busy.add(socket);
      response.once('close', () => {
        this.#busy.delete(socket);
        if (this.#closing) socket.destroySoon();
      });
    });
  }

  /** Takes no more connections and ends those that there are: at once, or when they have their answer. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) if (!this.#busy.has(socket)) socket.destroySoon();
    const late = setTimeout(() => this.#server.closeAllConnections(), SLACK);
    await closed;
    clearTimeout(late);
  }
}
