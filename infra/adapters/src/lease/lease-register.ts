// The one record that a lease is: read by all, written by whoever knows its newest revision.

export interface LeaseRecord {
  /** Who leads; empty when it was given up. */
  readonly holder: string;
  /** When it was written, by the writer's clock. */
  readonly atMs: number;
}

export interface LeaseRegister {
  /** @throws {EventLogError} `storage` when nobody answers */
  read(): Promise<(LeaseRecord & { readonly revision: number }) | undefined>;
  /**
   * Writes when `expected` is the newest revision, 0 for none.
   * @returns the new revision; undefined when another wrote meanwhile
   * @throws {EventLogError} `storage` when it is not known whether it was written
   */
  write(record: LeaseRecord, expected: number): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** For processes that are one: several leaders of one test. */
export class MemoryLeaseRegister implements LeaseRegister {
  #record: (LeaseRecord & { readonly revision: number }) | undefined;

  async read() {
    return this.#record;
  }

  async write(record: LeaseRecord, expected: number): Promise<number | undefined> {
    const revision = this.#record?.revision ?? 0;
    if (revision !== expected) return undefined;
    this.#record = { ...record, revision: revision + 1 };
    return revision + 1;
  }

  async stop(): Promise<void> {}
}
