// What is missing is asked for: undecided blocks and certificates of this epoch, and decided blocks
// from whoever is further.

import type { WantedCertificate } from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import { ChainFollower, readBlock } from '@starling/rules';
import type { ChainRequest, ChainStatus, Digest, TransportId } from '@starling/shared';
import type { ChainCore } from './chain-core.ts';
import type { ChainRun } from './chain-run.ts';
import type { DecidedChain } from './decided-chain.ts';
import { followedDecisions } from './followed-decisions.ts';

/** Members that are asked for one thing, one after the other. */
const ASKED_MAX = 4;
/** Things that are asked for at the same time. */
export const FETCHES_MAX = 32;

export class ChainFetch {
  readonly #core: ChainCore;
  readonly #run: () => ChainRun | undefined;
  readonly #onMoved: () => void;
  readonly #asking = new Set<string>();
  #follower: ChainFollower | undefined;
  #salt = 0;

  constructor(core: ChainCore, run: () => ChainRun | undefined, onMoved: () => void) {
    this.#core = core;
    this.#run = run;
    this.#onMoved = onMoved;
  }

  /** From now on decided blocks are followed into this chain. */
  open(decided: DecidedChain): void {
    const { collection, mail, queue, rules, world } = this.#core;
    this.#follower = new ChainFollower({
      ask: (to, request) => mail.ask(to, request),
      chain: followedDecisions(decided, world.clock),
      collection,
      logger: world.logger,
      queue,
      rules,
    });
  }

  /** True while decided blocks are fetched. */
  get isFollowing(): boolean {
    return this.#asking.has('blocks');
  }

  block(id: Digest, first?: TransportId): void {
    this.#once(`block ${id}`, async () => {
      const { collection, mail } = this.#core;
      for (const to of this.#providers(first)) {
        const answer = await mail.ask(to, { kind: 'block', collection, id });
        const read = answer?.outcome === 'block' ? readBlock(answer.body) : undefined;
        if (read?.ok !== true || read.value.id !== id) continue;
        this.#run()?.takeBlock(read.value, undefined);
        return;
      }
    });
  }

  certificate(view: number, want: WantedCertificate, first?: TransportId): void {
    const kinds =
      want === 'nullification'
        ? (['nullify'] as const)
        : want === 'notarization'
          ? (['notarize', 'finalize'] as const)
          : (['finalize', 'notarize', 'nullify'] as const);
    this.#once(`certificate ${view} ${want}`, async () => {
      for (const to of this.#providers(first)) {
        for (const vote of kinds) if (await this.#askCertificate(to, view, vote)) return;
      }
    });
  }

  opening(id: Digest): void {
    this.#once(`opening ${id}`, async () => {
      const { collection, mail } = this.#core;
      for (const to of this.#providers(undefined)) {
        const answer = await mail.ask(to, { kind: 'opening', collection, id });
        if (answer?.outcome !== 'opening' || digestOf(answer.body) !== id) continue;
        const held = { body: answer.body, frame: answer.frame ?? undefined };
        await this.#run()?.eras?.takeOpening(held);
        return;
      }
    });
  }

  /** How the newest odd era of this epoch opened. */
  era(first?: TransportId): void {
    this.#once('era', async () => {
      const { collection, mail } = this.#core;
      for (const to of this.#providers(first)) {
        const run = this.#run();
        if (run?.eras === undefined) return;
        const { epoch } = run.terms;
        const answer = await mail.ask(to, { kind: 'opened', collection, epoch });
        if (answer?.outcome !== 'opened') continue;
        if ((await run.eras.takeOpened(answer.opened)).kind === 'accept') return;
      }
    });
  }

  /** Follows decided blocks of one member. */
  blocksOf(to: TransportId): void {
    this.#once('blocks', async () => {
      if (await this.#follower?.follow(to)) this.#onMoved();
    });
  }

  /** What a status says that this site does not have. */
  heed(status: ChainStatus, from: TransportId): void {
    const run = this.#run();
    const { best } = status;
    if (run === undefined || status.epoch !== run.terms.epoch) return;
    run.eras?.heed(status, from);
    if (best === null) return;
    this.#once(`certificate ${best.view} ${best.kind}`, async () => {
      await this.#askCertificate(from, best.view, best.kind);
      if (best.block !== null && run.blocks.get(best.block) === undefined) {
        this.block(best.block, from);
      }
    });
  }

  async #askCertificate(
    to: TransportId,
    view: number,
    vote: Extract<ChainRequest, { kind: 'certificate' }>['vote'],
  ): Promise<boolean> {
    const { collection, mail } = this.#core;
    const run = this.#run();
    if (run === undefined) return false;
    const { epoch } = run.terms;
    const answer = await mail.ask(to, { kind: 'certificate', collection, epoch, view, vote });
    if (answer?.outcome !== 'certificate') return false;
    const verdict = await run.takeCertificate(answer.certificate);
    return verdict.kind === 'accept' || verdict.reason === 'duplicate';
  }

  #providers(first: TransportId | undefined): TransportId[] {
    const others = this.#core.reachable(this.#salt++).filter((to) => to !== first);
    return [...(first === undefined ? [] : [first]), ...others].slice(0, ASKED_MAX);
  }

  #once(what: string, fetch: () => Promise<void>): void {
    if (this.#asking.has(what) || this.#asking.size >= FETCHES_MAX) return;
    this.#asking.add(what);
    void fetch()
      .catch((error: unknown) => {
        if (this.#core.stopping.signal.aborted) return;
        const detail = error instanceof Error ? error.message : String(error);
        this.#core.world.logger.error('nothing fetched', { what, detail });
      })
      .finally(() => this.#asking.delete(what));
  }
}
