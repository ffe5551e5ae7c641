// GetOrdersReport: how many orders there are in which state, and what they come to.
import { money } from '../../actors/logistics/money.ts';
import {
  GetOrdersReportRequest,
  OrdersReportResponse,
} from '../../generated/synkro/logistics/v1/logistics.ts';
import { checked } from '../validate/check.ts';
import type { LogisticsMethod } from './deps.ts';
import { moneyMessage } from './money.ts';
import { createdTimes, withCreatedTimes } from './orders.ts';
import { statusMessage } from './statuses.ts';

export const getOrdersReport: LogisticsMethod<GetOrdersReportRequest, OrdersReportResponse> = {
  name: 'GetOrdersReport',
  request: withCreatedTimes(GetOrdersReportRequest, 1, 2),
  response: OrdersReportResponse,
  async handle(request, call) {
    const question = checked((check) => createdTimes(check, request));
    const { rows, asOf } = await call.deps.queries.ordersReport(question);
    call.sendAsOf(asOf);
    return {
      lines: rows.map(({ status, currency, orders, units, total, captured, refunded }) => ({
        status: statusMessage(status),
        orders: BigInt(orders),
        units: BigInt(units),
        totalAmount: moneyMessage(money(currency, BigInt(total))),
        capturedAmount: moneyMessage(money(currency, BigInt(captured))),
        refundedAmount: moneyMessage(money(currency, BigInt(refunded))),
      })),
      reportTime: new Date(asOf),
    };
  },
};
