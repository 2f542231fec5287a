// Talks to the process that runs on a site folder of this machine.

import type { MetricSample } from '@starling/adapters';
import type { RosterOutcome } from '@starling/coordinator';
import type {
  Document,
  PeerStatus,
  PrivacySummary,
  SearchAnswer,
  UpdateVerification,
} from '@starling/peer';
import type { RosterView } from '@starling/rules';
import type { Digest, MemberId } from '@starling/shared';
import type {
  ConsensusView,
  EvidenceView,
  LearnView,
  PatternsView,
  PatternView,
  SettingView,
} from '../chain-view.ts';
import type { LedgerView } from '../ledger-view.ts';
import type { PrivacyChange } from '../privacy-limit-file.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { TrainingSummary } from '../training-summary.ts';
import type { RoundVerification } from '../verify-from-log.ts';
import { errorOf, notRunning, parsed } from './client-answer.ts';
import { type ControlFile, readControl } from './control-file.ts';
import type { ServedStatus } from './coordinator-api.ts';
import type { ModelsView, PulledModel } from './model-api.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/** Vectors may have to be pulled first. */
const VERIFICATION_TIMEOUT_MS = 600_000;
/** Clusters are measured at several widths. */
const LEARN_TIMEOUT_MS = 300_000;
/** A long log is read whole. */
const COPY_TIMEOUT_MS = 600_000;
/** Documents of one request; more go in several. */
const DOCUMENTS_PER_REQUEST = 2_000;

export class LocalClient {
  readonly #home: string;
  readonly #control: ControlFile;

  private constructor(home: string, control: ControlFile) {
    this.#home = home;
    this.#control = control;
  }

  /** @throws {RuntimeError} `not-running` when no process serves this folder. */
  static async open(home: string): Promise<LocalClient> {
    const control = await readControl(home);
    if (control === undefined) throw notRunning(home);
    return new LocalClient(home, control);
  }

  async peerStatus(): Promise<PeerStatus> {
    this.#assertRole('peer');
    return this.#get('/status');
  }

  async coordinatorStatus(): Promise<ServedStatus> {
    this.#assertRole('coordinator');
    return this.#get('/status');
  }

  async samples(): Promise<MetricSample[]> {
    return this.#get('/samples');
  }

  async ledger(): Promise<LedgerView> {
    this.#assertRole('coordinator');
    return this.#get('/ledger');
  }

  async privacy(): Promise<PrivacySummary> {
    this.#assertRole('peer');
    return this.#get('/privacy');
  }

  async limitPrivacy(change: PrivacyChange): Promise<PrivacySummary> {
    this.#assertRole('peer');
    return this.#post('/privacy', change);
  }

  async verifyRound(round: number): Promise<RoundVerification> {
    return this.#request(`/rounds/${round}/verification`, {}, VERIFICATION_TIMEOUT_MS);
  }

  /** Rounds whose updates this site can train again. */
  async trainings(): Promise<TrainingSummary[]> {
    this.#assertRole('peer');
    return (await this.#get<{ trainings: TrainingSummary[] }>('/trainings')).trainings;
  }

  /** Trains this site's update of a round again. */
  async verifyUpdate(round: number, expected: Digest | undefined): Promise<UpdateVerification> {
    this.#assertRole('peer');
    const query = expected === undefined ? '' : `?commitment=${expected}`;
    const path = `/trainings/${round}/verification${query}`;
    return this.#request(path, {}, VERIFICATION_TIMEOUT_MS);
  }

  async search(text: string, k: number): Promise<SearchAnswer[]> {
    this.#assertRole('peer');
    return (await this.#post<{ hits: SearchAnswer[] }>('/search', { k, text })).hits;
  }

  async consensus(): Promise<ConsensusView> {
    this.#assertRole('peer');
    return this.#get('/consensus');
  }

  /** @param id - digest of the evidence, or a unique beginning of it */
  async evidence(id: string): Promise<EvidenceView> {
    this.#assertRole('peer');
    return this.#get(`/consensus/evidence/${id}`);
  }

  async proposeSetting(name: string, value: string): Promise<SettingView> {
    this.#assertRole('peer');
    return this.#post('/consensus/settings', { name, value });
  }

  /** @param id - digest of the proposal, or a unique beginning of it */
  async approveSetting(id: string): Promise<SettingView> {
    this.#assertRole('peer');
    return this.#post(`/consensus/settings/${id}/approval`, {});
  }

  async patterns(): Promise<PatternsView> {
    this.#assertRole('peer');
    return this.#get('/patterns');
  }

  /** @param id - digest of the proposal, or a unique beginning of it */
  async pattern(id: string): Promise<PatternView> {
    this.#assertRole('peer');
    return this.#get(`/patterns/${id}`);
  }

  async vetoPattern(id: string, reason: string): Promise<PatternView> {
    this.#assertRole('peer');
    return this.#post(`/patterns/${id}/veto`, { reason });
  }

  async unvetoPattern(id: string): Promise<PatternView> {
    this.#assertRole('peer');
    return this.#request(`/patterns/${id}/veto`, { method: 'DELETE' });
  }

  async learnPatterns(): Promise<LearnView> {
    this.#assertRole('peer');
    return this.#post('/patterns/learn', {}, LEARN_TIMEOUT_MS);
  }

  async add(documents: readonly Omit<Document, 'id'>[]): Promise<number> {
    this.#assertRole('peer');
    let added = 0;
    for (let from = 0; from < documents.length; from += DOCUMENTS_PER_REQUEST) {
      const batch = documents.slice(from, from + DOCUMENTS_PER_REQUEST);
      added += (await this.#post<{ added: number }>('/documents', { documents: batch })).added;
    }
    return added;
  }

  async invite(site: string): Promise<Uint8Array> {
    this.#assertRole('coordinator');
    const { invitation } = await this.#post<{ invitation: string }>('/invitations', { site });
    return new Uint8Array(Buffer.from(invitation, 'base64url'));
  }

  async roster(): Promise<RosterView> {
    return this.#get('/roster');
  }

  /** The proposed roster as a file for administrators; undefined when nothing is proposed. */
  async rosterRequest(): Promise<Uint8Array | undefined> {
    this.#assertRole('coordinator');
    const { request } = await this.#get<{ request?: string }>('/roster/request');
    return request === undefined ? undefined : new Uint8Array(Buffer.from(request, 'base64url'));
  }

  async signRoster(
    proposal: Digest,
    member: MemberId,
    signature: Uint8Array,
  ): Promise<RosterOutcome> {
    this.#assertRole('coordinator');
    const text = Buffer.from(signature).toString('base64url');
    return this.#post('/roster/signatures', { member, proposal, signature: text });
  }

  async revoke(who: string, reason: string): Promise<RosterOutcome> {
    this.#assertRole('coordinator');
    return this.#post('/roster/revocations', { reason, who });
  }

  async planRounds(rounds: number, peersMin: number): Promise<void> {
    this.#assertRole('coordinator');
    await this.#post('/rounds', { peersMin, rounds });
  }

  async models(): Promise<ModelsView> {
    this.#assertRole('coordinator');
    return this.#get('/models');
  }

  async decideVersion(
    version: number,
    decision: 'pin' | 'unpin' | 'rollback',
    terms: { readonly direction?: 'higher' | 'lower'; readonly metric?: string },
  ): Promise<ModelsView> {
    this.#assertRole('coordinator');
    return this.#post(`/models/${version}/${decision}`, terms);
  }

  /** @param folder absolute; the file is named by the version's content root */
  async pullVersion(version: number, folder: string): Promise<PulledModel> {
    this.#assertRole('coordinator');
    return this.#post(`/models/${version}/pull`, { folder }, COPY_TIMEOUT_MS);
  }

  /** Copies of the stores that the process has open. @returns their folder, to be removed */
  async copyStores(): Promise<string> {
    return (await this.#post<{ folder: string }>('/copies', {}, COPY_TIMEOUT_MS)).folder;
  }

  /** A question of a part of the API with a file of its own; with a body it is posted. */
  ask<T>(role: ControlFile['role'], path: string, body?: unknown, timeoutMs?: number): Promise<T> {
    this.#assertRole(role);
    return body === undefined ? this.#get(path) : this.#post(path, body, timeoutMs);
  }

  /** An answer that may be larger than memory. @throws {RuntimeError} as every question */
  async stream(role: ControlFile['role'], path: string): Promise<ReadableStream<Uint8Array>> {
    this.#assertRole(role);
    const { port, token } = this.#control;
    const headers = { authorization: `Bearer ${token}` };
    const asked = fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const { body, status } = await asked.catch((cause: unknown) => {
      throw notRunning(this.#home, cause);
    });
    if (status === 401) throw notRunning(this.#home);
    if (status === 200 && body !== null) return body;
    throw new RuntimeError('request-refused', `refused with status ${status}`);
  }

  #get<T>(path: string): Promise<T> {
    return this.#request<T>(path, {});
  }

  #post<T>(path: string, body: unknown, timeoutMs = REQUEST_TIMEOUT_MS): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', body: JSON.stringify(body), headers };
    return this.#request<T>(path, init, timeoutMs);
  }

  #assertRole(role: ControlFile['role']): void {
    if (this.#control.role === role) return;
    const [runs, needs] = role === 'peer' ? ['coordinator', 'peer'] : ['peer', 'coordinator'];
    const message = `a ${runs} runs on ${this.#home}: this question is for a ${needs}'s folder`;
    throw new RuntimeError('not-a-site', message);
  }

  async #request<T>(
    path: string,
    init: RequestInit & { headers?: Record<string, string> },
    timeoutMs = REQUEST_TIMEOUT_MS,
  ) {
    const { port, token } = this.#control;
    let status: number;
    let text: string;
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'TimeoutError')
        throw this.#tooSlow(cause, timeoutMs);
      throw notRunning(this.#home, cause);
    }
    // Another program listens where a killed process did.
    if (status === 401) throw notRunning(this.#home);
    const answer = parsed(text);
    if (status === 200 && answer !== undefined) return answer as T;
    throw new RuntimeError('request-refused', errorOf(answer) ?? `refused with status ${status}`);
  }

  #tooSlow(cause: unknown, timeoutMs: number): RuntimeError {
    const seconds = timeoutMs / 1000;
    const message = `process ${this.#control.pid} on ${this.#home} did not answer within ${seconds} s: try again, or restart it`;
    return new RuntimeError('timeout', message, { cause });
  }
}
