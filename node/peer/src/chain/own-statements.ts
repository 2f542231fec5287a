// This site's own words in the chain: proposals, measurements of others' proposals, settings and
// approvals. Each is signed once, written down, and said again until it is decided or has expired.

import { digestOf, encodeBody, sealMessage } from '@starling/crypto';
import { readFrame, typeOfFrame } from '@starling/rules';
import {
  type Digest,
  type FederationId,
  type MessageDefinition,
  type PatternAttestation,
  type PatternProposal,
  patternAttestation,
  patternProposal,
  type SettingProposal,
  settingApproval,
  settingProposal,
} from '@starling/shared';
import { PeerError } from '../peer-error.ts';
import type { ChainJournal, JournalKind } from './chain-journal.ts';
import type { ChainWorld } from './chain-world.ts';

/** Own statements that wait for a decision. */
export const OWN_STATEMENTS_MAX = 1024;
/** When one is said again, doubled up to the largest: everyone says one, and all hear all of them. */
export const SAY_AGAIN_MS = 2_000;
export const SAY_AGAIN_MAX_MS = 32_000;

type Kind = Extract<JournalKind, 'attestation' | 'pool'>;

interface Own {
  readonly kind: Kind;
  readonly frame: Uint8Array;
  /** The proposal that it is, or is about. */
  readonly about: Digest;
  /** By the steady clock: since when it is kept, when it was said last, how long it then waits. */
  readonly sinceMs: number;
  saidMs: number;
  waitMs: number;
}

/** How long an approval waits for a proposal that has not arrived here. */
export const UNKNOWN_KEPT_MS = 600_000;

/** Invariant: of one proposal one measurement is signed, whatever restarts in between. */
export class OwnStatements {
  readonly #world: ChainWorld;
  readonly #federation: FederationId;
  readonly #journal: ChainJournal;
  readonly #own = new Map<string, Own>();

  constructor(world: ChainWorld, federation: FederationId, journal: ChainJournal) {
    this.#world = world;
    this.#federation = federation;
    this.#journal = journal;
  }

  /** Frames whose time to be said again has come; each takes twice as long the next time. */
  takeDue(): readonly Uint8Array[] {
    const nowMs = this.#world.clock.monotonicMs();
    const due = [...this.#own.values()].filter(({ saidMs, waitMs }) => nowMs - saidMs >= waitMs);
    for (const own of due) {
      own.saidMs = nowMs;
      own.waitMs = Math.min(2 * own.waitMs, SAY_AGAIN_MAX_MS);
    }
    return due.map(({ frame }) => frame);
  }

  /** Somebody has come who may have heard nothing of it. */
  hurry(): void {
    for (const own of this.#own.values()) own.waitMs = SAY_AGAIN_MS;
  }

  /** Takes back what the journal holds. */
  restore(kind: Kind, frame: Uint8Array): void {
    this.#keep(kind, aboutOf(frame), frame);
  }

  hasSaid(kind: Kind, about: Digest): boolean {
    return this.#own.has(`${kind}/${about}`);
  }

  /** @throws {PeerError} `limit-exceeded`; {TypeError} when the body has no such shape */
  proposePattern(body: PatternProposal): Promise<Uint8Array> {
    const id = digestOf(encodeBody(patternProposal, body));
    return this.#say('pool', id, patternProposal, body);
  }

  proposeSetting(body: SettingProposal): Promise<Uint8Array> {
    const id = digestOf(encodeBody(settingProposal, body));
    return this.#say('pool', id, settingProposal, body);
  }

  attest(body: PatternAttestation): Promise<Uint8Array> {
    return this.#say('attestation', body.proposal, patternAttestation, body);
  }

  approve(collection: string, proposal: Digest): Promise<Uint8Array> {
    return this.#say('attestation', proposal, settingApproval, { collection, proposal });
  }

  /** Forgets what is about proposals that are over, as told of each and of how long it is kept. */
  async settle(isOver: (about: Digest, keptMs: number) => boolean): Promise<void> {
    const nowMs = this.#world.clock.monotonicMs();
    const over = [...this.#own].filter(([, { about, sinceMs }]) => isOver(about, nowMs - sinceMs));
    for (const [key] of over) this.#own.delete(key);
    const gone = over.map(([, { about, kind }]) => ({ kind, name: [about], value: undefined }));
    if (gone.length > 0) await this.#journal.write(gone);
  }

  /** The frame that stands: this one, or the one that was signed before. */
  async #say<T>(
    kind: Kind,
    about: Digest,
    definition: MessageDefinition<T>,
    body: T,
  ): Promise<Uint8Array> {
    if (this.#own.size >= OWN_STATEMENTS_MAX) {
      throw new PeerError('limit-exceeded', `${OWN_STATEMENTS_MAX} own statements wait already`);
    }
    const content = { federation: this.#federation, body };
    const made = sealMessage(this.#world.identity, definition, content);
    const frame = await this.#journal.putIfAbsent(kind, [about], made);
    this.#keep(kind, about, frame);
    return frame;
  }

  #keep(kind: Kind, about: Digest, frame: Uint8Array): void {
    const sinceMs = this.#world.clock.monotonicMs();
    const times = { sinceMs, saidMs: sinceMs, waitMs: SAY_AGAIN_MS };
    this.#own.set(`${kind}/${about}`, { kind, frame, about, ...times });
  }
}

function aboutOf(frame: Uint8Array): Digest {
  switch (typeOfFrame(frame)) {
    case patternAttestation.type:
      return readFrame(frame, patternAttestation).body.proposal;
    case settingApproval.type:
      return readFrame(frame, settingApproval).body.proposal;
    case settingProposal.type:
      return readFrame(frame, settingProposal).bodyDigest;
    default:
      return readFrame(frame, patternProposal).bodyDigest;
  }
}
