// Type guards for what an order hears from outside.
import { isInteger, isObject, isText, listOf, nullable, objectOf, type Shape } from '../../shape.ts';
import type { AuthorizationAnswer, FollowUpAnswer, ItemDraw, ReserveAnswer } from './messages.ts';

const isApproved = objectOf<Extract<AuthorizationAnswer, { readonly outcome: 'approved' }>>({
  outcome: is('approved'),
  transactionId: isText,
  until: nullable(isInteger),
});
const isDeclined = objectOf<Extract<FollowUpAnswer, { readonly outcome: 'declined' }>>({
  outcome: is('declined'),
  reason: isText,
});
const isPending = objectOf<Extract<AuthorizationAnswer, { readonly outcome: 'pending' }>>({
  outcome: is('pending'),
  transactionId: isText,
});
const isDone = objectOf<Extract<FollowUpAnswer, { readonly outcome: 'done' }>>({ outcome: is('done') });

export const isAuthorization: Shape<AuthorizationAnswer> = (value): value is AuthorizationAnswer =>
  isApproved(value) || isDeclined(value) || isPending(value);

export const isFollowUp: Shape<FollowUpAnswer> = (value): value is FollowUpAnswer =>
  isDone(value) || isDeclined(value);

const isCommitted = objectOf<Extract<ReserveAnswer, { readonly outcome: 'committed' }>>({
  outcome: is('committed'),
  reservationId: isText,
  draws: listOf(
    objectOf<ItemDraw>({ itemId: isText, warehouseId: isText, quantity: isInteger, levelVersion: isInteger }),
  ),
});
const isShort = objectOf<Extract<ReserveAnswer, { readonly outcome: 'short' }>>({
  outcome: is('short'),
  items: listOf(isText),
  estimatedAt: nullable(isInteger),
});
const isRefused = objectOf<Extract<ReserveAnswer, { readonly outcome: 'refused' }>>({
  outcome: is('refused'),
  reason: isText,
});

export const isReserveAnswer: Shape<ReserveAnswer> = (value): value is ReserveAnswer =>
  isCommitted(value) ||
  isShort(value) ||
  isRefused(value) ||
  (isObject(value) && value['outcome'] === 'lost');

function is<const T extends string>(text: T): Shape<T> {
  return (value): value is T => value === text;
}
