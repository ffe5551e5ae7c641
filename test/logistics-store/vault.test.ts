// The vault: what is sealed can be opened by its owner's key alone, and by nobody once that is gone; people are found by
// words that nobody can read.
import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVault } from '../../src/api/logistics/sealing.ts';
import type { KeyStore } from '../../src/api/logistics/vault.ts';
import { StoreError } from '../../src/runtime/store.ts';

/** Keys in memory, and how often each was asked for. */
class Keys implements KeyStore {
  readonly kept = new Map<string, Uint8Array | null>();
  readonly secrets = new Map<string, Uint8Array>();
  readonly asked: string[] = [];
  isAway = false;

  async read(owners: readonly string[]) {
    this.#note(`read ${owners.join(' ')}`);
    return new Map(
      owners.flatMap((owner): [string, Uint8Array][] => {
        const key = this.kept.get(owner) ?? null;
        return key === null ? [] : [[owner, key]];
      }),
    );
  }

  async make(owner: string, key: Uint8Array) {
    this.#note(`make ${owner}`);
    if (!this.kept.has(owner)) this.kept.set(owner, key);
    return this.kept.get(owner) ?? null;
  }

  async destroy(owner: string) {
    this.kept.set(owner, null);
  }

  async secret(name: string, made: Uint8Array) {
    this.#note(`secret ${name}`);
    const secret = this.secrets.get(name) ?? made;
    this.secrets.set(name, secret);
    return secret;
  }

  #note(what: string): void {
    this.asked.push(what);
    if (this.isAway) throw new StoreError('unknown', 'no server');
  }
}

function start() {
  const keys = new Keys();
  return { keys, vault: createVault(keys) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('what is sealed', () => {
  it('is opened as it was, whatever it is', async () => {
    const { vault } = start();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        const text = await vault.seal('ada', plain);
        expect(await vault.open([{ owner: 'ada', text }])).toEqual([plain]);
      }),
      { numRuns: 50 },
    );
  });

  it('says nothing of what it was, nor whether it was the same', async () => {
    const { vault } = start();
    const texts = await Promise.all(Array.from({ length: 100 }, () => vault.seal('ada', 'Ada Lovelace')));
    expect(new Set(texts).size).toBe(100);
    for (const text of texts) {
      expect(text).toMatch(/^[\w-]+$/);
      expect(Buffer.from(text, 'base64url').toString('latin1')).not.toMatch(/Ada|Lovelace/);
    }
  });

  it('is AES-256-GCM: a version, a nonce, a tag, and the owner as what else was said', async () => {
    const { keys, vault } = start();
    const bytes = Buffer.from(await vault.seal('ada', { name: 'Ada' }), 'base64url');
    const key = keys.kept.get('ada');
    expect(key).toHaveLength(32);
    expect(bytes[0]).toBe(1);
    const cipher = createDecipheriv('aes-256-gcm', key ?? '', bytes.subarray(1, 13))
      .setAAD(Buffer.from('ada'))
      .setAuthTag(bytes.subarray(13, 29));
    expect(cipher.update(bytes.subarray(29), undefined, 'utf8') + cipher.final('utf8')).toBe(
      '{"name":"Ada"}',
    );
  });

  it('is not opened for another owner, not even under the same key', async () => {
    const { keys, vault } = start();
    const text = await vault.seal('ada', 'secret');
    keys.kept.set('eve', keys.kept.get('ada') ?? null);
    await expect(vault.open([{ owner: 'eve', text }])).rejects.toThrow();
  });

  it('is not opened where a single bit of it differs, or a part of it is missing', async () => {
    const { vault } = start();
    const sealed = Buffer.from(await vault.seal('ada', 'secret'), 'base64url');
    const open = (bytes: Buffer) => vault.open([{ owner: 'ada', text: bytes.toString('base64url') }]);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(open(changed)).rejects.toThrow();
    }
    for (let length = 1; length < sealed.length; length += 1) {
      await expect(open(sealed.subarray(0, length))).rejects.toThrow();
    }
  });

  it('is opened in the order given, with one question for all keys', async () => {
    const { keys, vault } = start();
    const [ada, eve] = [await vault.seal('ada', 1), await vault.seal('eve', 2)];
    keys.asked.length = 0;
    const opened = await vault.open([
      { owner: 'eve', text: eve },
      { owner: 'nobody', text: ada },
      { owner: 'ada', text: ada },
      { owner: 'ada', text: '' },
      { owner: 'eve', text: eve },
    ]);
    expect(opened).toEqual([2, null, 1, null, 2]);
    expect(keys.asked).toEqual(['read eve nobody ada']);
  });

  it('nothing is opened without a question', async () => {
    const { keys, vault } = start();
    expect(await vault.open([])).toEqual([]);
    expect(keys.asked).toEqual([]);
  });
});

describe('once the key is destroyed', () => {
  it('nothing is opened any more, at once', async () => {
    const { keys, vault } = start();
    const text = await vault.seal('ada', 'secret');
    expect(await vault.open([{ owner: 'ada', text }])).toEqual(['secret']);
    await keys.destroy('ada');
    expect(await vault.open([{ owner: 'ada', text }])).toEqual([null]);
  });

  it('nothing is sealed any more, within a second; and what still is, nobody can open', async () => {
    const { keys, vault } = start();
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    await vault.seal('ada', 'first');
    await keys.destroy('ada');
    const text = await vault.seal('ada', 'late');
    expect(await vault.open([{ owner: 'ada', text }])).toEqual([null]);
    now.mockReturnValue(1_000 + 1_001);
    const refusal = { failure: { code: 'customer-not-found' } };
    await expect(vault.seal('ada', 'too late')).rejects.toMatchObject(refusal);
    await expect(vault.fingerprint('ada', 'too late')).rejects.toMatchObject(refusal);
    expect(keys.kept.get('ada')).toBeNull();
  });
});

describe('keys for sealing', () => {
  it('are asked for once a second, and by all that seal at a time together', async () => {
    const { keys, vault } = start();
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    await Promise.all([vault.seal('ada', 1), vault.seal('ada', 2), vault.fingerprint('ada', 3)]);
    now.mockReturnValue(1_999);
    await vault.seal('ada', 4);
    expect(keys.asked).toEqual(['make ada']);
    now.mockReturnValue(2_000);
    await vault.seal('ada', 5);
    expect(keys.asked).toEqual(['make ada', 'make ada']);
  });

  it('that could not be asked for are asked for anew', async () => {
    const { keys, vault } = start();
    keys.isAway = true;
    await expect(vault.seal('ada', 1)).rejects.toBeInstanceOf(StoreError);
    await expect(vault.terms(['ada'])).rejects.toBeInstanceOf(StoreError);
    keys.isAway = false;
    const text = await vault.seal('ada', 1);
    expect(await vault.open([{ owner: 'ada', text }])).toEqual([1]);
    expect(await vault.terms(['ada'])).toHaveLength(1);
  });

  it('are not kept for more owners than so many', async () => {
    const { keys, vault } = start();
    vi.spyOn(performance, 'now').mockReturnValue(1_000);
    for (let owner = 0; owner <= 10_000; owner += 1) await vault.fingerprint(String(owner), null);
    keys.asked.length = 0;
    await vault.fingerprint('10000', null);
    await vault.fingerprint('0', null);
    expect(keys.asked).toEqual(['make 0']);
  });
});

describe('a fingerprint', () => {
  it('is the same for the same content, in whatever order it is written', async () => {
    const { vault } = start();
    const first = await vault.fingerprint('ada', { name: 'Ada', tags: [1, 2], phone: undefined });
    expect(await vault.fingerprint('ada', { tags: [1, 2], name: 'Ada' })).toBe(first);
    expect(await vault.fingerprint('ada', { tags: [2, 1], name: 'Ada' })).not.toBe(first);
    expect(await vault.fingerprint('ada', { tags: [1, 2], name: 'Eve' })).not.toBe(first);
  });

  it('is another one under another key, so that it cannot be guessed without it', async () => {
    const [here, there] = [start(), start()];
    const print = await here.vault.fingerprint('ada', 'content');
    expect(await here.vault.fingerprint('eve', 'content')).not.toBe(print);
    expect(await there.vault.fingerprint('ada', 'content')).not.toBe(print);
    there.keys.kept.set('ada', here.keys.kept.get('ada') ?? null);
    expect(await createVault(there.keys).fingerprint('ada', 'content')).toBe(print);
  });
});

describe('terms', () => {
  const { vault } = start();

  /** Whether all words of the query lead to the texts. */
  async function finds(query: string, texts: readonly string[]): Promise<boolean> {
    const known = new Set(await vault.terms(texts));
    const asked = await vault.terms([query]);
    return asked.length > 0 && asked.every((term) => known.has(term));
  }

  const person = ['Zoë Müller-Ångström', 'zoe.mueller+shop@example.com'];

  it.each([
    'zoe',
    'ZOË',
    'Zoe\u0308',
    'muller',
    'MÜLLER angstrom',
    'zoe.mueller+shop@example.com',
    ' Zoe.Mueller+Shop@EXAMPLE.com ',
    'zoë zoe.mueller+shop@example.com',
    'Ｚｏｅ',
  ])('lead to a person from %j', async (query) => {
    expect(await finds(query, person)).toBe(true);
  });

  it.each([
    'zo',
    'zoee',
    'ada',
    'zoe ada',
    'zoe@example.com',
    'mueller@example.com',
    'example.com',
    'com',
    'shop',
    '',
    ' .,;- ',
  ])('do not from %j', async (query) => {
    expect(await finds(query, person)).toBe(false);
  });

  it('of other writings are words too', async () => {
    expect(await finds('たろう', ['山田 たろう'])).toBe(true);
    expect(await finds('ΣΟΦΊΑ', ['Σοφία'])).toBe(true);
  });

  it('say nothing of the words, and are of no use in another database', async () => {
    const terms = await vault.terms(person);
    for (const term of terms) expect(term).toMatch(/^[\w-]{22}$/);
    expect(new Set(terms).size).toBe(terms.length);
    const elsewhere = await start().vault.terms(person);
    expect(terms.filter((term) => elsewhere.includes(term))).toEqual([]);
  });

  it('are at most so many, and an e-mail address is among them', async () => {
    const name = Array.from({ length: 100 }, (_, number) => `word${number}`).join(' ');
    expect(await vault.terms([name, 'a@example.com'])).toHaveLength(64);
    expect(await finds('a@example.com', ['a@example.com'])).toBe(true);
    const [whole] = await vault.terms(['a@example.com']);
    expect(await vault.terms([name, 'a@example.com'])).toContain(whole);
  });

  it('ask for their secret once', async () => {
    const { keys, vault: other } = start();
    await Promise.all([other.terms(['a']), other.terms(['b'])]);
    await other.terms(['c']);
    expect(keys.asked).toEqual(['secret search-terms']);
  });
});
