// The part of a command to reserve that engines other than the product's need.
import { isInteger, isText, listOf, objectOf } from '../../src/actors/shape.ts';

export interface Wanted {
  readonly itemId: string;
  readonly quantity: number;
}

export interface ReserveAsked {
  readonly fingerprint: string;
  readonly request: { readonly items: readonly Wanted[]; readonly ttlSeconds: number };
}

export const isReserveAsked = objectOf<ReserveAsked>({
  fingerprint: isText,
  request: objectOf<ReserveAsked['request']>({
    items: listOf(objectOf<Wanted>({ itemId: isText, quantity: isInteger })),
    ttlSeconds: isInteger,
  }),
});
