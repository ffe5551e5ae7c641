// Schemas that many routes share: ids, quantities, times, texts with the API's bounds, pages, headers. They check the form
// and document it; what a value means the API's methods check.
import Type, { type TProperties, type TSchemaOptions } from 'typebox';
import { requestLimits as limits } from '../api/limits.ts';

export const uuid = (description: string) =>
  Type.String({ format: 'uuid', description, examples: ['11111111-1111-4111-8111-111111111111'] });

export const text = (maxLength: number, description: string, options: TSchemaOptions = {}) =>
  Type.String({ maxLength, description, ...options });

export const requiredText = (maxLength: number, description: string, options: TSchemaOptions = {}) =>
  Type.String({ minLength: 1, maxLength, description, ...options });

/** At least 1, and exact. */
export const quantity = (description: string) =>
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description, examples: [2] });

/** At least 0, and exact. */
export const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description, examples: [10] });

export const int32 = (description: string) =>
  Type.Integer({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1, description });

/** Decimal text without sign: exact, as no JSON number is. What a currency has of decimals the API's methods check. */
export const amountPattern = '^\\d{1,16}(\\.\\d{1,9})?$';
export const currencyPattern = '^[A-Z]{3}$';

export const time = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-01-31T12:00:00.000Z'] });

export const sku = requiredText(limits.skuCharactersMax, 'Exact, as it was made.', { examples: ['85123A'] });

export const orderId = requiredText(limits.orderIdCharactersMax, 'Any printable characters.', {
  examples: ['order-1'],
});

/** An item in a body: by one of the two. */
export const itemReference = {
  itemId: Type.Optional(uuid('Id of the item; either this or its SKU.')),
  sku: Type.Optional(sku),
};

export const pageQuery = {
  pageSize: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: limits.pageSizeMax,
      description: `Entries of a page; ${limits.pageSizeDefault} where it is absent.`,
    }),
  ),
  pageToken: Type.Optional(
    text(limits.pageTokenCharactersMax, 'From the `nextPageToken` of the page before, of the same list.'),
  ),
};

export const nextPageToken = Type.String({
  description: 'Of the next page; empty on the last.',
  examples: [''],
});

/** Properties of a list's query string as a message of the API has them. */
export function pageOf(query: { readonly pageSize?: number; readonly pageToken?: string }) {
  return { pageSize: query.pageSize ?? 0, pageToken: query.pageToken ?? '' };
}

/** A query string that has only these. */
export const query = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** A JSON object that has only these. */
export const body = <P extends TProperties>(properties: P, options: TSchemaOptions = {}) =>
  Type.Object(properties, { ...options, additionalProperties: false });

/** Every call may say how long it waits. */
export const headers = Type.Object({
  Prefer: Type.Optional(
    Type.String({
      description: '`wait=SECONDS` (1 to 600): how long the answer may take; 30 where it is absent.',
      examples: ['wait=5'],
    }),
  ),
});

export const idempotentHeaders = Type.Object({
  'Idempotency-Key': Type.Optional(
    text(
      limits.idempotencyKeyCharactersMax,
      'Makes the call safe to repeat: the same key and content get the first answer again. It counts for the method and what it addresses, for 24 hours at least.',
      { examples: ['5e0c1a7e-7c57-4a0c-9a0c-3f6f0e6b2f11'] },
    ),
  ),
  Prefer: headers.properties.Prefer,
});
