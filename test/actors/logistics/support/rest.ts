// Bringing a shop to rest.
import type { Shop } from './shop.ts';

/** Everything happens that still can, until whoever could be served is, and every gateway has told. */
export function comeToRest(shop: Shop): void {
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
  return (
    status !== 'processing' && payments.every(({ status: of }) => of !== 'authorizing' && of !== 'pending')
  );
}
