// Personal data: sealed under a key of its owner's own before it reaches an actor, and opened again only to be shown. An
// owner is a customer, or, for a guest, the order. Without the key nothing of it can be read, wherever copies lie.

export interface Vault {
  /**
   * Seals a plain JSON value. The owner's key is made where there is none.
   * @throws Refused (customer-not-found) where the owner's key was destroyed; StoreError
   */
  seal(owner: string, value: unknown): Promise<string>;
  /** What was sealed, by owner and text in the order given; null where the key is gone. @throws StoreError */
  open(sealed: readonly { readonly owner: string; readonly text: string }[]): Promise<readonly unknown[]>;
  /** A digest of the content under the owner's key: equal for equal content, and worth nothing without the key. */
  fingerprint(owner: string, content: unknown): Promise<string>;
  /** Keyed hashes of the words in these texts, folded (case, accents): what customers are found by. */
  terms(texts: readonly string[]): Promise<readonly string[]>;
}

/** Where keys are kept: a table of their own, never in a journal. */
export interface KeyStore {
  /** Of those of these owners that have one. */
  read(owners: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Keeps the key where the owner has none. @returns the owner's key; null where it was destroyed */
  make(owner: string, key: Uint8Array): Promise<Uint8Array | null>;
  /** For good: the owner gets no other. Repeatable. */
  destroy(owner: string): Promise<void>;
  /** A secret of this database, made once. */
  secret(name: string, made: Uint8Array): Promise<Uint8Array>;
}
