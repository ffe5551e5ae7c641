// A customer: sealed personal data and what it can be found by. Nothing here can be read without the customer's key.

export interface Customer {
  /** Name, e-mail, phone and default address, sealed under the customer's key (see src/api/logistics/vault.ts). */
  readonly sealed: string;
  /** Keyed hashes of the words that the customer can be found by. */
  readonly terms: readonly string[];
  readonly fingerprint: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** erasing: deleted, and the key is being destroyed. erased: it is gone. */
export interface CustomerState {
  readonly customer: Customer | null;
  readonly erasure: 'none' | 'erasing' | 'erased';
}

export type CustomerCommand =
  | {
      readonly type: 'create';
      readonly sealed: string;
      readonly terms: readonly string[];
      /** A digest of the content under the customer's key: the same id with another one is refused. */
      readonly fingerprint: string;
      readonly isIdOfKey: boolean;
    }
  /** Of the customer that an idempotency key would make: the key goes to another one. */
  | { readonly type: 'claimKey' }
  | { readonly type: 'get' }
  /** Of the whole: the edge reads, changes and seals anew. Refused (ABORTED) where it was changed since `updatedAt`. */
  | {
      readonly type: 'update';
      readonly sealed: string;
      readonly terms: readonly string[];
      readonly updatedAt: number;
    }
  /** Answered when the key is destroyed. */
  | { readonly type: 'erase' };

export type CustomerEvent =
  | {
      readonly type: 'created';
      readonly sealed: string;
      readonly terms: readonly string[];
      readonly fingerprint: string;
      readonly at: number;
    }
  | {
      readonly type: 'updated';
      readonly sealed: string;
      readonly terms: readonly string[];
      readonly at: number;
    }
  | { readonly type: 'erasureBegan' }
  | { readonly type: 'erased' };

export interface CustomerView {
  readonly id: string;
  readonly sealed: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}
