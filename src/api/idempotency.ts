// Idempotency keys: where they come from, what they count for, and the digest by which the same key with other content
// is found out.
import { createHash } from 'node:crypto';
import type { ReceiptKey } from '../actors/behaviour.ts';
import type { Check } from './validate/check.ts';
import { idempotencyKey } from './validate/text.ts';

/** The key of a request: its field, else the call's metadata; '' where there is none. */
export function keyOf(check: Check, field: string, metadataKey: string): string {
  const key = check.field('idempotency_key', field === '' ? metadataKey : field, idempotencyKey);
  if (field !== '' && metadataKey !== '' && field !== metadataKey) {
    check.refuse('idempotency_key', 'differs from the idempotency-key in the metadata');
  }
  return key;
}

/**
 * @param entityId what the call addresses: a key counts for one method and one entity
 * @param content what the request asks for, without its key
 * @returns null where the request has no key
 */
export function receiptOf(
  method: string,
  entityId: string,
  key: string,
  content: unknown,
): ReceiptKey | null {
  return key === '' ? null : { key: `${method}|${entityId}|${key}`, fingerprint: fingerprintOf(content) };
}

/** SHA-256 of the content's canonical JSON: properties in order of name, those that are null or not set left out. */
export function fingerprintOf(content: unknown): string {
  return createHash('sha256').update(canonicalJson(content)).digest('base64url');
}

export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const properties = Object.entries(value)
    .filter(([, each]) => each !== undefined && each !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => `${JSON.stringify(name)}:${canonicalJson(each)}`);
  return `{${properties.join(',')}}`;
}
