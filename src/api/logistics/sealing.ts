// The vault: AES-256-GCM under a key of the owner's own, with a random nonce of 96 bits for each text and the owner's name as
// additional data, so that a text moved to another owner does not open.
//
// Keys are cached for sealing only, and for a second at most. That is harmless: what is sealed under a key that has just been
// destroyed cannot be read by anybody, and a read always asks for the key.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { Refused } from '../errors.ts';
import { canonicalJson } from '../idempotency.ts';
import type { KeyStore, Vault } from './vault.ts';

const version = 1;
const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const termBytes = 16;
const termsMax = 64;
const cachedMsMax = 1_000;
const cachedKeysMax = 10_000;

interface Cached {
  readonly key: Promise<Uint8Array>;
  readonly until: number;
}

export function createVault(keys: KeyStore): Vault {
  return new SealingVault(keys);
}

class SealingVault implements Vault {
  readonly #keys: KeyStore;
  readonly #cached = new Map<string, Cached>();
  #termSecret: Promise<Uint8Array> | undefined;

  constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  async seal(owner: string, value: unknown): Promise<string> {
    const key = await this.#keyOf(owner);
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), body]).toString('base64url');
  }

  async open(sealed: Parameters<Vault['open']>[0]): Promise<readonly unknown[]> {
    if (sealed.length === 0) return [];
    const keys = await this.#keys.read([...new Set(sealed.map(({ owner }) => owner))]);
    return sealed.map(({ owner, text }) => {
      const key = keys.get(owner);
      return key === undefined || text === '' ? null : unseal(owner, key, text);
    });
  }

  async fingerprint(owner: string, content: unknown): Promise<string> {
    const key = await this.#keyOf(owner);
    return createHmac('sha256', key).update(canonicalJson(content)).digest('base64url');
  }

  async terms(texts: readonly string[]): Promise<readonly string[]> {
    this.#termSecret ??= this.#keys.secret('search-terms', randomBytes(keyBytes)).catch((error: unknown) => {
      this.#termSecret = undefined;
      throw error;
    });
    const secret = await this.#termSecret;
    return wordsOf(texts)
      .slice(0, termsMax)
      .map((word) => {
        const hash = createHmac('sha256', secret).update(word).digest();
        return hash.subarray(0, termBytes).toString('base64url');
      });
  }

  /** @throws Refused where the owner's key was destroyed */
  #keyOf(owner: string): Promise<Uint8Array> {
    const now = performance.now();
    const known = this.#cached.get(owner);
    if (known !== undefined && known.until > now) return known.key;
    const key = this.#make(owner);
    this.#cached.delete(owner);
    this.#cached.set(owner, { key, until: now + cachedMsMax });
    key.catch(() => this.#cached.delete(owner));
    this.#forget();
    return key;
  }

  async #make(owner: string): Promise<Uint8Array> {
    const key = await this.#keys.make(owner, randomBytes(keyBytes));
    if (key === null) throw new Refused({ code: 'customer-not-found', message: `no customer ${owner}` });
    return key;
  }

  /** The oldest go first. */
  #forget(): void {
    for (const oldest of this.#cached.keys()) {
      if (this.#cached.size <= cachedKeysMax) return;
      this.#cached.delete(oldest);
    }
  }
}

/** @throws Error where the text is not what was sealed for this owner */
function unseal(owner: string, key: Uint8Array, text: string): unknown {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes[0] !== version) throw new Error(`sealed text of version ${bytes[0]}`);
  const nonce = bytes.subarray(1, 1 + nonceBytes);
  const tag = bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(owner))
    .setAuthTag(tag);
  const body = Buffer.concat([decipher.update(bytes.subarray(1 + nonceBytes + tagBytes)), decipher.final()]);
  return JSON.parse(body.toString('utf8'));
}

/** Folded: no accents, lower case. E-mail addresses as wholes, and first, since they name one person best: their parts are those of many. */
function wordsOf(texts: readonly string[]): readonly string[] {
  const folded = texts.map((text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase());
  const parts = folded.flatMap((text) => text.split(/\s+/u));
  const addresses = parts.filter((part) => part.includes('@'));
  const words = parts
    .filter((part) => !part.includes('@'))
    .flatMap((part) => part.split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word !== '');
  return [...new Set([...addresses, ...words])];
}
