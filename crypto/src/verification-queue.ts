// Signatures are verified beside the event loop: a few at a time, each once. A full queue pushes
// back instead of growing.

import type { Digest, Meter } from '@starling/shared';
import { claimDigest, type SignatureClaim, type VerifyClaim } from './signature-claim.ts';

/** Signatures that are verified at the same time: as many as the runtime has threads. */
export const VERIFYING_MAX = 4;
/** Signatures that wait: three quarters of a second of work on one core. */
export const WAITING_MAX = 1024;
/** Claims that were found to hold and are remembered, the newest. */
export const HOLDING_MAX = 16_384;

/** `busy`: ask again later; nothing is known about the claim. */
export type ClaimAnswer = 'holds' | 'false' | 'busy';

interface Waiting {
  readonly claim: SignatureClaim;
  readonly name: Digest;
  readonly answer: (answer: ClaimAnswer) => void;
}

/**
 * Invariant: a claim that is known to hold is never verified again while it is remembered, and two
 * askers of one claim wait for one verification.
 */
export class VerificationQueue {
  readonly #verify: VerifyClaim;
  readonly #meter: Meter;
  readonly #counter: string;
  readonly #holding = new Set<Digest>();
  readonly #asked = new Map<Digest, Promise<ClaimAnswer>>();
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #isStopped = false;
  /** Verifications so far. */
  verified = 0;

  /** `counter` names the metric that counts verifications by outcome. */
  constructor(verify: VerifyClaim, meter: Meter, counter: string) {
    this.#verify = verify;
    this.#meter = meter;
    this.#counter = counter;
  }

  /** True when the queue takes `claims` more. */
  hasRoom(claims = 1): boolean {
    return !this.#isStopped && this.#waiting.length + claims <= WAITING_MAX;
  }

  /** True when this very claim was found to hold, or was {@link trust}ed. */
  isKnown(claim: SignatureClaim): boolean {
    return this.#holding.has(claimDigest(claim));
  }

  /** What this site signed itself needs no verifying. */
  trust(claim: SignatureClaim): void {
    this.#remember(claimDigest(claim));
  }

  /** Answers whether the claim holds; never rejects. */
  check(claim: SignatureClaim): Promise<ClaimAnswer> {
    const name = claimDigest(claim);
    if (this.#holding.has(name)) return Promise.resolve('holds');
    const asked = this.#asked.get(name);
    if (asked !== undefined) return asked;
    if (!this.hasRoom()) {
      this.#meter.count(this.#counter, 1, { outcome: 'busy' });
      return Promise.resolve('busy');
    }
    const answer = new Promise<ClaimAnswer>((resolve) => {
      this.#waiting.push({ claim, name, answer: resolve });
    }).finally(() => this.#asked.delete(name));
    this.#asked.set(name, answer);
    this.#pump();
    return answer;
  }

  /** `holds` when all of them hold; the first that does not decides otherwise. */
  async checkAll(claims: readonly SignatureClaim[]): Promise<ClaimAnswer> {
    if (!this.hasRoom(claims.length)) return 'busy';
    const answers = await Promise.all(claims.map((claim) => this.check(claim)));
    if (answers.includes('false')) return 'false';
    return answers.includes('busy') ? 'busy' : 'holds';
  }

  stop(): void {
    this.#isStopped = true;
    for (const { answer } of this.#waiting.splice(0)) answer('busy');
  }

  #pump(): void {
    while (this.#running < VERIFYING_MAX) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running++;
      void this.#run(next);
    }
  }

  async #run({ claim, name, answer }: Waiting): Promise<void> {
    const holds = await this.#verify(claim);
    this.#running--;
    this.verified++;
    const outcome = holds ? 'holds' : 'false';
    this.#meter.count(this.#counter, 1, { outcome });
    if (holds) this.#remember(name);
    answer(outcome);
    this.#pump();
  }

  #remember(name: Digest): void {
    this.#holding.add(name);
    if (this.#holding.size <= HOLDING_MAX) return;
    const [oldest] = this.#holding;
    if (oldest !== undefined) this.#holding.delete(oldest);
  }
}
