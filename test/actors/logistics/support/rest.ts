// Bringing a shop to rest, after whatever has happened to it.
import { expect } from 'vitest';
import { checkAlways, checkAtRest } from './invariants.ts';
import type { Shop } from './shop.ts';
import { items, type Step } from './steps.ts';

/** These steps happen, each leaving what must always hold, and then it comes to rest. */
export function live(shop: Shop, steps: readonly Step[]): void {
  for (const step of steps) {
    step.run(shop);
    checkAlways(shop);
  }
  comeToRest(shop);
  checkAtRest(shop);
}

/** What waits is served when there is enough of everything. */
export function serveAll(shop: Shop): void {
  for (const itemId of items) shop.stock(itemId, 'w1', 100);
  comeToRest(shop);
  checkAtRest(shop);
  for (const id of shop.world.ids('order')) expect(shop.order(id).status, 'I16').not.toBe('backOrdered');
}

/** Everything happens that still can, until whoever could be served is, and every gateway has told. */
function comeToRest(shop: Shop): void {
  for (let rounds = 0; rounds < 50; rounds += 1) {
    shop.settle();
    shop.notify();
    shop.settle();
    if (shop.world.ids('order').every((id) => isAtEase(shop, id))) return;
    shop.world.now += 1_000;
    shop.world.fireTimers();
  }
}

function isAtEase(shop: Shop, id: string): boolean {
  const { status, payments } = shop.order(id);
  return status !== 'processing' && payments.every(({ isOwed }) => !isOwed);
}
