// What Logistics' methods need from outside, so that tests can give them fakes. SQL stands in src/persistence; this file
// only names the questions.
import type { Order, Patience } from '../../actors/logistics/order/model.ts';
import type { OrderStatus } from '../../actors/logistics/order/transitions.ts';
import type { Supply } from '../../actors/logistics/supply/model.ts';
import type { Call, EdgeDeps } from '../call.ts';
import type { JournalReader } from '../feed/rows.ts';
import type { Listed } from '../inventory/deps.ts';
import type { InventoryPort } from '../inventory/port.ts';
import type { Method } from '../method.ts';
import type { Vault } from './vault.ts';

export interface OrderRow {
  readonly id: string;
  readonly order: Order;
}

/** Newest first: by time of creation, then by id. */
export interface OrdersQuestion {
  readonly customerId: string | null;
  readonly status: OrderStatus | null;
  /** Milliseconds since 1970; both ends excluded. */
  readonly createdAfter: number | null;
  readonly createdBefore: number | null;
  readonly after: { readonly createdAt: number; readonly id: string } | null;
  readonly limit: number;
}

export interface CustomerRow {
  readonly id: string;
  readonly sealed: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** In order of id; those that have all of these terms. */
export interface CustomersQuestion {
  readonly terms: readonly string[];
  readonly afterId: string | null;
  readonly limit: number;
}

export interface OrdersReportQuestion {
  readonly createdAfter: number | null;
  readonly createdBefore: number | null;
}

/** One line for each status and currency. Amounts are whole minor units as text. */
export interface OrdersReportLine {
  readonly status: OrderStatus;
  readonly currency: string;
  readonly orders: number;
  readonly units: number;
  readonly total: string;
  readonly captured: string;
  readonly refunded: string;
}

export interface SupplyRow {
  readonly id: string;
  readonly supply: Supply;
  /** What the orders that wait for the item ask for together. */
  readonly waitingUnits: number;
}

/** In order of SKU, then of id. */
export interface SupplyQuestion {
  /** Whether stock is low in any warehouse; null: all items that anything was heard of. */
  readonly isLow: boolean | null;
  readonly after: { readonly sku: string; readonly id: string } | null;
  readonly limit: number;
}

export interface LogisticsQueries extends JournalReader {
  listOrders(question: OrdersQuestion): Promise<Listed<OrderRow>>;
  listCustomers(question: CustomersQuestion): Promise<Listed<CustomerRow>>;
  ordersReport(question: OrdersReportQuestion): Promise<Listed<OrdersReportLine>>;
  listSupply(question: SupplyQuestion): Promise<Listed<SupplyRow>>;
}

export interface LogisticsDeps extends EdgeDeps {
  readonly queries: LogisticsQueries;
  readonly inventory: InventoryPort;
  readonly vault: Vault;
  readonly patience: Patience;
  /** Secrets that webhooks of the payment gateway may be signed with; none: webhooks are refused. */
  readonly webhookSecrets: readonly string[];
}

export type LogisticsCall = Call<LogisticsDeps>;
export type LogisticsMethod<Request, Response> = Method<Request, Response, LogisticsDeps>;
