// Every error that a caller can meet, declared once: its stable code, its gRPC and HTTP status, and whether the same
// request may be repeated. docs/ERRORS.md lists them; a test compares the two.

/** The numbers of the statuses that we use (google.rpc.Code). */
export const grpcCodes = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcStatusName = keyof typeof grpcCodes;

interface Declared {
  readonly grpc: GrpcStatusName;
  readonly http: number;
  /** Whether the same request, with the same key, may succeed when it is simply sent again. */
  readonly repeatable: boolean;
  readonly meaning: string;
}

export const failures = {
  'invalid-argument': {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    repeatable: false,
    meaning: 'a field is malformed, missing or out of range; the field is named',
  },
  'item-not-found': {
    grpc: 'NOT_FOUND',
    http: 404,
    repeatable: false,
    meaning: 'no such item, or it was deleted',
  },
  'warehouse-not-found': { grpc: 'NOT_FOUND', http: 404, repeatable: false, meaning: 'no such warehouse' },
  'reservation-not-found': {
    grpc: 'NOT_FOUND',
    http: 404,
    repeatable: false,
    meaning: 'no such reservation',
  },
  'allocation-not-found': {
    grpc: 'NOT_FOUND',
    http: 404,
    repeatable: false,
    meaning: 'the order has nothing allocated there',
  },
  'order-not-found': { grpc: 'NOT_FOUND', http: 404, repeatable: false, meaning: 'no such order' },
  'shipment-not-found': {
    grpc: 'NOT_FOUND',
    http: 404,
    repeatable: false,
    meaning: 'the order has no such shipment',
  },
  'payment-not-found': { grpc: 'NOT_FOUND', http: 404, repeatable: false, meaning: 'no such payment' },
  'customer-not-found': {
    grpc: 'NOT_FOUND',
    http: 404,
    repeatable: false,
    meaning: 'no such customer, or it was deleted',
  },
  'notification-not-found': {
    grpc: 'NOT_FOUND',
    http: 404,
    repeatable: false,
    meaning: 'no such notification, or it was forgotten',
  },
  'order-exists': {
    grpc: 'ALREADY_EXISTS',
    http: 409,
    repeatable: false,
    meaning: 'an order with this id and other content exists',
  },
  'customer-exists': {
    grpc: 'ALREADY_EXISTS',
    http: 409,
    repeatable: false,
    meaning: 'a customer with this id and other content exists, or existed',
  },
  'order-state': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'the state of the order does not allow it',
  },
  'notification-state': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'only a notification that failed, of a target that there still is, can be tried again',
  },
  'signature-invalid': {
    grpc: 'UNAUTHENTICATED',
    http: 401,
    repeatable: false,
    meaning: 'the signature of a webhook is missing, wrong or too old',
  },
  'sku-exists': {
    grpc: 'ALREADY_EXISTS',
    http: 409,
    repeatable: false,
    meaning: 'an item with this SKU exists',
  },
  'idempotency-key-reused': {
    grpc: 'ALREADY_EXISTS',
    http: 409,
    repeatable: false,
    meaning: 'the key was used before with other content',
  },
  'reservation-exists': {
    grpc: 'ALREADY_EXISTS',
    http: 409,
    repeatable: false,
    meaning: 'the order has a live or fulfilled reservation',
  },
  'reservation-state': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'the state of the reservation does not allow it',
  },
  'too-many-attempts': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'the order has used up its reservation attempts',
  },
  'item-reserved': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'stock of the item is reserved',
  },
  'below-reserved': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'the quantity would fall below what is reserved',
  },
  'insufficient-available': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'more than what is available or allocated',
  },
  'insufficient-stock': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'too little stock to reserve or allocate (over gRPC an answer, not an error)',
  },
  'warehouse-inactive': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'the warehouse takes no new reservations',
  },
  'limit-reached': {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    repeatable: false,
    meaning: 'a stated bound of the system is reached, such as the number of warehouses',
  },
  'quantity-differs': {
    grpc: 'ABORTED',
    http: 412,
    repeatable: false,
    meaning: 'compare-and-set: the quantity is not the expected one',
  },
  'customer-changed': {
    grpc: 'ABORTED',
    http: 412,
    repeatable: false,
    meaning: 'the customer was changed meanwhile; read it, and change it again',
  },
  'token-expired': {
    grpc: 'OUT_OF_RANGE',
    http: 410,
    repeatable: false,
    meaning: 'the resume token is older than what is kept',
  },
  overloaded: {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    repeatable: true,
    meaning: 'refused at the edge without effect; try again after the delay',
  },
  'rate-limited': {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    repeatable: true,
    meaning:
      'this client asks more often than it may; refused without effect, try again after the delay (HTTP)',
  },
  unavailable: {
    grpc: 'UNAVAILABLE',
    http: 503,
    repeatable: true,
    meaning: 'outcome unknown, shard restarting or standby; repeat with the same key',
  },
  'deadline-exceeded': {
    grpc: 'DEADLINE_EXCEEDED',
    http: 504,
    repeatable: true,
    meaning: 'not answered in time, outcome unknown; repeat with the same key',
  },
  'route-not-found': { grpc: 'UNIMPLEMENTED', http: 404, repeatable: false, meaning: 'no such route (HTTP)' },
  'method-not-allowed': {
    grpc: 'UNIMPLEMENTED',
    http: 405,
    repeatable: false,
    meaning: 'the route has no such method; Allow says which it has (HTTP)',
  },
  'not-acceptable': {
    grpc: 'INVALID_ARGUMENT',
    http: 406,
    repeatable: false,
    meaning: 'the route has no answer of a type that Accept lets through (HTTP)',
  },
  'request-timeout': {
    grpc: 'DEADLINE_EXCEEDED',
    http: 408,
    repeatable: true,
    meaning: 'the request did not arrive whole in time, and had no effect (HTTP)',
  },
  'request-too-large': {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 413,
    repeatable: false,
    meaning: 'the body is larger than 8 MiB, or that of a webhook than 64 KiB (HTTP)',
  },
  'unsupported-media-type': {
    grpc: 'INVALID_ARGUMENT',
    http: 415,
    repeatable: false,
    meaning: 'the body is not application/json in UTF-8, or is encoded (HTTP)',
  },
  'headers-too-large': {
    grpc: 'RESOURCE_EXHAUSTED',
    http: 431,
    repeatable: false,
    meaning: 'the request line and the headers are larger than 64 KiB (HTTP)',
  },
  unimplemented: { grpc: 'UNIMPLEMENTED', http: 501, repeatable: false, meaning: 'no such method' },
  internal: {
    grpc: 'INTERNAL',
    http: 500,
    repeatable: false,
    meaning: 'a fault of ours; the id in the message is in the log',
  },
} as const satisfies Record<string, Declared>;

export type FailureCode = keyof typeof failures;

/** An operating error as a value. Nothing in it may tell of the inside. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  /** The request's field that is to blame, as the contract spells it, such as `items[3].quantity`. */
  readonly field?: string;
  /** Further facts for a program, such as the reservation's state. */
  readonly details?: Readonly<Record<string, string>>;
}

export function fail(
  code: FailureCode,
  message: string,
  details?: Readonly<Record<string, string>>,
): { readonly error: Failure } {
  return { error: details === undefined ? { code, message } : { code, message, details } };
}

export function failField(field: string, message: string): { readonly error: Failure } {
  return { error: { code: 'invalid-argument', message: `${field}: ${message}`, field } };
}

export function keyReused(): { readonly error: Failure } {
  return fail('idempotency-key-reused', 'the idempotency key was used before with other content');
}
