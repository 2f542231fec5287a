// A coordinator's answers from memory, as large as a test wants them, and the dashboard beside them.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dashboardRoutes } from '@starling/runtime';
import { type Answers, answersOf, type Size } from './seeded-answers.ts';

export const TOKEN = 'a-token-to-read';

export class ServedFederation {
  /** Paths below `/api/v1` that were asked, in order. */
  readonly asked: string[] = [];
  /** `Last-Event-ID` of each stream that was opened. */
  readonly resumedFrom: (string | undefined)[] = [];
  readonly answers: Answers;
  readonly #app: Awaited<ReturnType<typeof dashboardRoutes>>;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #streams = new Set<ServerResponse>();
  readonly #bodies = new Map<string, string>();
  #port = 0;

  private constructor(answers: Answers, app: Awaited<ReturnType<typeof dashboardRoutes>>) {
    this.answers = answers;
    this.#app = app;
  }

  static async start(size: Size): Promise<ServedFederation> {
    const served = new ServedFederation(answersOf(size), await dashboardRoutes());
    await served.listen();
    return served;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Sends an event to every open stream. */
  send(event: string, id: number, data: unknown): void {
    const text = `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const stream of this.#streams) stream.write(text);
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** On the port it had before, if it had one. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Like a coordinator that dies: streams break, nobody answers. */
  async stop(): Promise<void> {
    this.#streams.clear();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.address);
    if (!url.pathname.startsWith('/api/v1/')) return this.#page(url, request, response);
    const path = url.pathname.slice('/api/v1'.length);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return json(response, 401, '{"code":"unauthorised","error":"a bearer token is needed"}');
    }
    if (path === '/events') return this.#stream(request, response);
    this.asked.push(path);
    const key = path + url.search;
    const known = this.#bodies.get(key) ?? this.answers.answer(path, url.searchParams);
    if (known === undefined) return json(response, 404, '{"error":"no such question"}');
    this.#bodies.set(key, known);
    json(response, 200, known);
    return undefined;
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    this.resumedFrom.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': welcome\n\n');
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
  }

  async #page(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const known = request.headers['if-none-match'];
    const headers = known === undefined ? {} : { 'if-none-match': known };
    const answer = await this.#app.request(url, { headers });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(new Uint8Array(await answer.arrayBuffer()));
  }
}

function json(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}
