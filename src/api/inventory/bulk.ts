// Many items in one request: each entry is the single request that it is, with its own key, answer and error.
import {
  BulkCreateItemsRequest,
  type BulkItemResult,
  BulkItemsResponse,
  BulkUpdateItemsRequest,
  type ItemResponse,
} from '../../generated/synkro/inventory/v1/inventory.ts';
import { type EdgeFailure, failureOf, invalid, rpcStatusOf } from '../errors.ts';
import { callLimits, requestLimits } from '../limits.ts';
import { allSettledInOrder } from '../parallel.ts';
import { checked } from '../validate/check.ts';
import type { InventoryCall, InventoryMethod } from './deps.ts';
import { createItem, updateItem } from './items.ts';

export const bulkCreateItems: InventoryMethod<BulkCreateItemsRequest, BulkItemsResponse> = {
  name: 'BulkCreateItems',
  request: BulkCreateItemsRequest,
  response: BulkItemsResponse,
  handle: (request, call) => each(request.items, call, createItem),
};

export const bulkUpdateItems: InventoryMethod<BulkUpdateItemsRequest, BulkItemsResponse> = {
  name: 'BulkUpdateItems',
  request: BulkUpdateItemsRequest,
  response: BulkItemsResponse,
  handle: (request, call) => each(request.items, call, updateItem),
};

async function each<Request>(
  requests: readonly Request[],
  call: InventoryCall,
  single: Pick<InventoryMethod<Request, ItemResponse>, 'handle'>,
): Promise<BulkItemsResponse> {
  checked((check) => check.each('items', requests, { min: 1, max: requestLimits.bulkItemsMax }, () => null));
  const results = await allSettledInOrder(requests, callLimits.bulkInFlightMax, (request) =>
    single.handle(request, call),
  );
  return { results: results.map((result, index) => bulkResult(result, index, call)) };
}

function bulkResult(
  result: PromiseSettledResult<ItemResponse>,
  index: number,
  call: InventoryCall,
): BulkItemResult {
  if (result.status === 'fulfilled') return { item: result.value.item, error: undefined };
  const failure = failureOf(result.reason, {
    log: call.deps.log,
    newId: () => call.newId(),
    method: call.method,
  });
  return { item: undefined, error: rpcStatusOf(within(failure, `items[${index}].`)) };
}

/** An entry's problems, named as the whole request has them. */
function within(failure: EdgeFailure, path: string): EdgeFailure {
  if (failure.violations === undefined) return failure;
  return invalid(
    failure.violations.map(({ field, description }) => ({ field: `${path}${field}`, description })),
  );
}
