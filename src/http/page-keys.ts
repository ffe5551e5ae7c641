// Where a list goes on, where that is more than one text: a JSON list within the page token.
import type { Check } from '../api/validate/check.ts';

/**
 * @param after what the token holds; null on the first page
 * @param read makes the key; null where it is none
 */
export function readKey<Key>(
  check: Check,
  after: string | null,
  read: (parts: readonly unknown[]) => Key | null,
): Key | null {
  if (after === null) return null;
  const parts = partsOf(after);
  const key = parts === null ? null : read(parts);
  if (key === null) check.refuse('page_token', 'is not a page token');
  return key;
}

function partsOf(text: string): readonly unknown[] | null {
  try {
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : null;
  } catch {
    return null;
  }
}
