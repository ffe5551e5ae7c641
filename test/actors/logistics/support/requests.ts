// The requests of effects, told apart by their shape.

import { isMoney } from '../../../../src/actors/logistics/money.ts';
import type {
  AuthorizeEffect,
  FollowUpEffect,
  MoveEffect,
  ReserveEffect,
} from '../../../../src/actors/logistics/order/effects.ts';
import type { KnownLevel } from '../../../../src/actors/logistics/queue/model.ts';
import type { WatchEffect } from '../../../../src/actors/logistics/queue/queue.ts';
import {
  isFlag,
  isInteger,
  isText,
  listOf,
  objectOf,
  recordOf,
  type Shape,
} from '../../../../src/actors/shape.ts';

export const isAuthorize = objectOf<AuthorizeEffect>({
  key: isText,
  paymentId: isText,
  amount: isMoney,
  method: isText,
  isRenewal: isFlag,
});

export const isFollowUp = objectOf<FollowUpEffect>({ key: isText, transactionId: isText, amount: isMoney });

export const isReserve = objectOf<ReserveEffect>({
  key: isText,
  items: listOf(objectOf<ReserveEffect['items'][number]>({ itemId: isText, quantity: isInteger })),
  customerId: isText,
});

export const isMove = objectOf<MoveEffect>({
  key: isText,
  lines: listOf(
    objectOf<MoveEffect['lines'][number]>({ itemId: isText, warehouseId: isText, quantity: isInteger }),
  ),
});

export const isWatch = objectOf<WatchEffect>({
  levels: recordOf(objectOf<KnownLevel>({ available: isInteger, version: isInteger })),
  isDoubted: isFlag,
});

/** @throws where it is none */
export function requestOf<T>(request: unknown, shape: Shape<T>): T {
  if (!shape(request)) throw new Error(`not the request of its kind: ${JSON.stringify(request)}`);
  return request;
}
