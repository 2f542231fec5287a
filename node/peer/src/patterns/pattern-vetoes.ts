// Patterns that this site does not search by, whatever others agreed on. Durable.

import {
  type Digest,
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  type PeerStore,
  uintSchema,
  z,
} from '@starling/shared';
import { PeerError } from '../peer-error.ts';

export const VETOES_MAX = 4_096;
export const VETO_REASON_CHARS_MAX = 200;

const VETO_BYTES_MAX = 2_048;
const PREFIX = 'veto/';

const vetoSchema = z.strictObject({
  atMs: uintSchema,
  /** `measurement`: the site's own queries are served worse by it. */
  by: z.enum(['operator', 'measurement']),
  reason: z.string().max(VETO_REASON_CHARS_MAX),
});

export type Veto = z.infer<typeof vetoSchema>;

/** Invariant: what is in memory is on the disk. */
export class PatternVetoes {
  readonly #store: PeerStore;
  readonly #vetoes = new Map<Digest, Veto>();
  /** Changes are made one after the other. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(store: PeerStore) {
    this.#store = store;
  }

  static async open(store: PeerStore): Promise<PatternVetoes> {
    const vetoes = new PatternVetoes(store);
    for await (const { key, value } of store.entries('pattern')) {
      if (!key.startsWith(PREFIX)) continue;
      const id = digestSchema.safeParse(key.slice(PREFIX.length));
      const decoded = decodeCanonical(value, VETO_BYTES_MAX);
      const veto = decoded.ok ? vetoSchema.safeParse(decoded.value) : undefined;
      if (id.success && veto?.success) vetoes.#vetoes.set(id.data, veto.data);
    }
    return vetoes;
  }

  get all(): ReadonlyMap<Digest, Veto> {
    return this.#vetoes;
  }

  /** An operator's veto stands above a measured one. @throws {PeerError} `limit-exceeded` */
  put(id: Digest, veto: Veto): Promise<void> {
    return this.#afterOthers(async () => {
      const standing = this.#vetoes.get(id);
      if (standing?.by === 'operator' && veto.by === 'measurement') return;
      if (standing === undefined && this.#vetoes.size >= VETOES_MAX) {
        const message = `a site holds at most ${VETOES_MAX} vetoes: lift some`;
        throw new PeerError('limit-exceeded', message);
      }
      const reason = veto.reason.slice(0, VETO_REASON_CHARS_MAX);
      const kept = { ...veto, reason };
      const value = encodeCanonical(kept);
      await this.#store.write([{ table: 'pattern', key: PREFIX + id, value }]);
      this.#vetoes.set(id, kept);
    });
  }

  /** @param by - lifts only a veto of that kind; any when left out. @returns whether there was one */
  lift(id: Digest, by?: Veto['by']): Promise<boolean> {
    return this.#afterOthers(async () => {
      const standing = this.#vetoes.get(id);
      if (standing === undefined || (by !== undefined && standing.by !== by)) return false;
      await this.#store.write([{ table: 'pattern', key: PREFIX + id, value: undefined }]);
      return this.#vetoes.delete(id);
    });
  }

  #afterOthers<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#tail.then(change);
    this.#tail = changed.catch(() => undefined);
    return changed;
  }
}
