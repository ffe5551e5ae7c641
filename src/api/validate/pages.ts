// Page tokens: where a list goes on, and which list it was. Opaque to clients, and good only for the question that
// they were given for.
import { createHash } from 'node:crypto';
import { requestLimits as limits } from '../limits.ts';
import type { Check } from './check.ts';
import { pageSize } from './numbers.ts';
import { hasControlCharacters } from './text.ts';

export interface Page {
  readonly size: number;
  /** The key of the last row of the page before; null on the first. */
  readonly after: string | null;
  /** @param key of the page's last row */
  tokenAfter(key: string): string;
}

/**
 * @param question what is listed: method and filters
 * @param isKey whether a row could have this key: tokens are opaque, and not signed
 */
export function pageOf(
  check: Check,
  given: { readonly pageSize: number; readonly pageToken: string },
  question: readonly (string | number | boolean)[],
  isKey: (key: string) => boolean = () => true,
): Page {
  const mark = createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16);
  return {
    size: check.field('page_size', given.pageSize, pageSize),
    after: check.field('page_token', given.pageToken, (token, refuse) => {
      if (token === '') return null;
      const content = contentOf(token);
      if (content === null) refuse('is not a page token');
      else if (content.mark !== mark) refuse('is the token of another list');
      else if (!isKey(content.after)) refuse('is not a page token');
      return content?.after ?? null;
    }),
    tokenAfter: (after) => encodeJson([1, mark, after]),
  };
}

/** The rows of the page, of one more than its size that were asked for, and the next page's token. */
export function cut<Row>(
  page: Page,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): { readonly rows: readonly Row[]; readonly nextPageToken: string } {
  const shown = rows.slice(0, page.size);
  const last = shown.at(-1);
  const more = rows.length > page.size && last !== undefined;
  return { rows: shown, nextPageToken: more ? page.tokenAfter(keyOf(last)) : '' };
}

function contentOf(token: string): { readonly mark: string; readonly after: string } | null {
  const content = decodeJson(token, limits.pageTokenCharactersMax);
  if (!Array.isArray(content) || content.length !== 3) return null;
  const [version, mark, after]: unknown[] = content;
  if (version !== 1 || typeof mark !== 'string' || typeof after !== 'string') return null;
  return hasControlCharacters(after) ? null : { mark, after };
}

export function encodeJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** What base64url text of JSON holds; undefined where it is not exactly what encoding its value gives. */
export function decodeJson(text: string, charactersMax: number): unknown {
  if (text.length > charactersMax || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return encodeJson(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
