// Guards for what the actors of Logistics answer: replies cross threads as plain values, and the edge reads them only after
// a look.
import type { CustomerView } from '../../actors/logistics/customer/model.ts';
import type { OrderView } from '../../actors/logistics/order/model.ts';
import { shownFields } from '../../actors/logistics/order/state-guards.ts';
import { orderStatuses } from '../../actors/logistics/order/transitions.ts';
import type { WaitingView } from '../../actors/logistics/queue/model.ts';
import { isFlag, isInteger, isText, objectOf, oneOf } from '../../actors/shape.ts';

export const isOrderStatus = oneOf(orderStatuses);

export const isOrderView = objectOf<OrderView>({ ...shownFields, id: isText, isResting: isFlag });

export const isCustomerView = objectOf<CustomerView>({
  id: isText,
  sealed: isText,
  createdAt: isInteger,
  updatedAt: isInteger,
});

export const isWaitingView = objectOf<WaitingView>({ units: isInteger });
