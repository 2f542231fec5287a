// Talks to the process that runs on a site folder of this machine.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricSample } from '@starling/adapters';
import type { CoordinatorStatus } from '@starling/coordinator';
import type { Document, PeerStatus, SearchAnswer } from '@starling/peer';
import { z } from '@starling/shared';
import type { LedgerView } from '../ledger-view.ts';
import { RuntimeError } from '../runtime-error.ts';
import { CONTROL_FILE } from './serve-locally.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Documents of one request; more go in several. */
const DOCUMENTS_PER_REQUEST = 2_000;

const controlSchema = z.strictObject({
  pid: z.int(),
  port: z.int().min(1).max(65_535),
  token: z.string(),
});

export class LocalClient {
  readonly #home: string;
  readonly #base: string;
  readonly #token: string;

  private constructor(home: string, port: number, token: string) {
    this.#home = home;
    this.#base = `http://127.0.0.1:${port}`;
    this.#token = token;
  }

  /** @throws {RuntimeError} `not-running` when no process serves this folder. */
  static async open(home: string): Promise<LocalClient> {
    try {
      const text = await readFile(join(home, CONTROL_FILE), 'utf8');
      const { port, token } = controlSchema.parse(JSON.parse(text));
      return new LocalClient(home, port, token);
    } catch (cause) {
      throw notRunning(home, cause);
    }
  }

  peerStatus(): Promise<PeerStatus> {
    return this.#get('/status');
  }

  coordinatorStatus(): Promise<CoordinatorStatus> {
    return this.#get('/status');
  }

  samples(): Promise<MetricSample[]> {
    return this.#get('/samples');
  }

  ledger(): Promise<LedgerView> {
    return this.#get('/ledger');
  }

  async search(text: string, k: number): Promise<SearchAnswer[]> {
    return (await this.#post<{ hits: SearchAnswer[] }>('/search', { k, text })).hits;
  }

  async add(documents: readonly Omit<Document, 'id'>[]): Promise<number> {
    let added = 0;
    for (let from = 0; from < documents.length; from += DOCUMENTS_PER_REQUEST) {
      const batch = documents.slice(from, from + DOCUMENTS_PER_REQUEST);
      added += (await this.#post<{ added: number }>('/documents', { documents: batch })).added;
    }
    return added;
  }

  /** The invitation's bytes. */
  async invite(site: string): Promise<Uint8Array> {
    const { invitation } = await this.#post<{ invitation: string }>('/invitations', { site });
    return new Uint8Array(Buffer.from(invitation, 'base64url'));
  }

  async planRounds(rounds: number, peersMin: number): Promise<void> {
    await this.#post('/rounds', { peersMin, rounds });
  }

  #get<T>(path: string): Promise<T> {
    return this.#request<T>(path, {});
  }

  #post<T>(path: string, body: unknown): Promise<T> {
    return this.#request<T>(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  async #request<T>(path: string, init: RequestInit & { headers?: Record<string, string> }) {
    let response: Response;
    try {
      response = await fetch(`${this.#base}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${this.#token}` },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
    } catch (cause) {
      throw notRunning(this.#home, cause);
    }
    const answer = (await response.json()) as T & { readonly error?: string };
    if (!response.ok) {
      throw new RuntimeError('request-refused', answer.error ?? `status ${response.status}`);
    }
    return answer;
  }
}

function notRunning(home: string, cause: unknown): RuntimeError {
  const message = `nothing runs on ${home}: start it with "starling peer start" or "starling coordinator start"`;
  return new RuntimeError('not-running', message, { cause });
}
