// LogisticsService, put together: the nine methods that are settled and those that came after them.
import type { Follower } from '../api/feed/follower.ts';
import { createOrder } from '../api/logistics/create-order.ts';
import { listCustomers } from '../api/logistics/customer-list.ts';
import { createCustomer, deleteCustomer, getCustomer, updateCustomer } from '../api/logistics/customers.ts';
import type { LogisticsDeps } from '../api/logistics/deps.ts';
import {
  cancelOrder,
  deliverShipment,
  retryRefunds,
  returnItems,
  updateOrderStatus,
} from '../api/logistics/order-changes.ts';
import { getOrder, getOrderHistory, listOrders } from '../api/logistics/orders.ts';
import { getOrdersReport } from '../api/logistics/report.ts';
import { followOrders, type OrderChange, streamOrderUpdates } from '../api/logistics/updates.ts';
import type { OpenCalls } from './open-calls.ts';
import { type GrpcService, serviceOf, unaryEntries, updatesEntry } from './service.ts';

export const logisticsServiceName = 'synkro.logistics.v1.LogisticsService';

export function logisticsService(
  deps: LogisticsDeps,
  open: OpenCalls,
  updates: Follower<OrderChange> = followOrders(deps),
): GrpcService {
  const name = logisticsServiceName;
  const entry = unaryEntries(name, deps, open);
  return serviceOf(name, [
    entry(createOrder),
    entry(getOrder),
    entry(updateOrderStatus),
    entry(listOrders),
    updatesEntry(name, streamOrderUpdates, deps, open, updates),
    entry(cancelOrder),
    entry(returnItems),
    entry(retryRefunds),
    entry(createCustomer),
    entry(getCustomer),
    entry(updateCustomer),
    entry(deleteCustomer),
    entry(listCustomers),
    entry(deliverShipment),
    entry(getOrderHistory),
    entry(getOrdersReport),
  ]);
}
