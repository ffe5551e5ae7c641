// Type guards for what of an order comes out of storage.
import { type Failure, type FailureCode, failures } from '../../failure.ts';
import {
  isFlag,
  isInteger,
  isText,
  listOf,
  nullable,
  objectOf,
  oneOf,
  optional,
  recordOf,
  type Shape,
} from '../../shape.ts';
import { isLevelView } from '../item/guards.ts';
import { drawStrategies } from '../item/model.ts';
import {
  type Attempt,
  type Group,
  type GroupPart,
  groupAnswers,
  type ItemAvailability,
  type Line,
  type Operation,
  type OrderState,
  operationKinds,
  type ReserveRequest,
  reservationStatuses,
  type Wanted,
} from './model.ts';

const isFailureCode = (value: unknown): value is FailureCode =>
  typeof value === 'string' && Object.hasOwn(failures, value);

const isFailure = objectOf<Failure>({
  code: isFailureCode,
  message: isText,
  field: optional(isText),
  details: optional(recordOf(isText)),
});

const isLine = objectOf<Line>({
  itemId: isText,
  sku: isText,
  warehouseId: isText,
  held: isInteger,
  allocated: isInteger,
  fulfilled: isInteger,
  givenBack: isInteger,
  levelVersion: isInteger,
});

const isRequest = objectOf<ReserveRequest>({
  items: listOf(objectOf<Wanted>({ itemId: isText, quantity: isInteger })),
  warehouseId: nullable(isText),
  strategy: oneOf(drawStrategies),
  ttlSeconds: isInteger,
  customerId: isText,
  commits: optional(isFlag),
});

const isAvailability = objectOf<ItemAvailability>({
  itemId: isText,
  sku: isText,
  inStock: isFlag,
  requested: isInteger,
  available: isInteger,
  draws: listOf(
    objectOf<ItemAvailability['draws'][number]>({
      warehouseId: isText,
      quantity: isInteger,
      levelVersion: isInteger,
    }),
  ),
});

const isAttempt = objectOf<Attempt>({
  number: isInteger,
  key: isText,
  fingerprint: isText,
  status: oneOf(reservationStatuses),
  abandoned: isFlag,
  request: isRequest,
  availability: listOf(isAvailability),
  lines: listOf(isLine),
  createdAt: isInteger,
  firstExpiresAt: isInteger,
  expiresAt: isInteger,
});

const isGroup = objectOf<Group>({
  shard: isInteger,
  parts: listOf(
    objectOf<GroupPart>({
      itemId: isText,
      sku: optional(isText),
      moves: listOf(objectOf<GroupPart['moves'][number]>({ warehouseId: isText, quantity: isInteger })),
    }),
  ),
  answer: oneOf(groupAnswers),
});

const isOperation = objectOf<Operation>({
  number: isInteger,
  kind: oneOf(operationKinds),
  attempt: nullable(isInteger),
  groups: listOf(isGroup),
  failure: nullable(isFailure),
  levels: listOf(isLevelView),
  receipt: nullable(objectOf<NonNullable<Operation['receipt']>>({ key: isText, fingerprint: isText })),
});

export const isOrderState: Shape<OrderState> = objectOf<OrderState>({
  attempts: listOf(isAttempt),
  direct: listOf(isLine),
  operation: nullable(isOperation),
  operations: isInteger,
});
