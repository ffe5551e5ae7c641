// Every bound of the API, with its unit in its name. What a request may say is stated here and nowhere else.

export const requestLimits = {
  skuCharactersMax: 128,
  orderIdCharactersMax: 128,
  nameCharactersMax: 512,
  descriptionCharactersMax: 8_192,
  categoryCharactersMax: 256,
  locationCharactersMax: 512,
  customerIdCharactersMax: 128,
  reasonCharactersMax: 128,
  referenceCharactersMax: 256,
  idempotencyKeyCharactersMax: 255,
  requestIdCharactersMax: 128,
  /** An order id of 128 characters of 4 bytes each, in base64url, and what stands before it. */
  reservationIdCharactersMax: 1_024,
  pageTokenCharactersMax: 2_048,
  resumeTokenCharactersMax: 4_096,
  attributesBytesMax: 16_384,
  attributesDepthMax: 8,
  basketLinesMax: 2_000,
  fulfillLinesMax: 2_000,
  bulkItemsMax: 1_000,
  initialLevelsMax: 1_000,
  levelsItemsMax: 1_000,
  filterIdsMax: 1_000,
  pageSizeDefault: 50,
  pageSizeMax: 1_000,
  ttlSecondsDefault: 900,
  ttlSecondsMax: 604_800,
  /** The end of the year 9999, as google.protobuf.Timestamp has it. */
  timestampMsMax: 253_402_300_799_999,
} as const;

export const errorLimits = {
  /** Trailers have to fit the header list of any client; 8 KiB is the smallest that is common. */
  messageCharactersMax: 1_024,
  violationsMax: 16,
  violationCharactersMax: 200,
  detailsMax: 16,
  detailCharactersMax: 1_024,
  namedItemsMax: 10,
  namedWarehousesMax: 10,
  namedOrdersMax: 10,
} as const;

export const callLimits = {
  /** The wait for an answer where the caller gave no deadline. */
  callDeadlineMsDefault: 30_000,
  /** The longest that a caller may have us wait. */
  callDeadlineMsMax: 600_000,
  /** Entries of one bulk request that are asked at a time. */
  bulkInFlightMax: 256,
  itemIdCacheEntriesMax: 65_536,
} as const;

export const availabilityLimits = {
  /** How old what comes out of a cache may be, from before its item was asked until the answer leaves the process. */
  staleMsMax: 1_000,
  /** Of that, what an answer may take from being put together to having left. */
  leavingMsMax: 100,
  /** SKUs that one ingress thread remembers. */
  entriesMax: 20_000,
} as const;

export interface FeedLimits {
  /** Live update streams of one ingress. */
  readonly subscribersMax: number;
  /** Journal rows, and events in them, kept for all live streams together; who is further behind reads for itself. */
  readonly windowRowsMax: number;
  readonly windowEventsMax: number;
  /** Rows may have thousands of events each: few at a time bound what a stream that catches up takes in. */
  readonly pageRowsMax: number;
  /** A look at the journal where no notice came, in case one was lost. */
  readonly pollIntervalMs: number;
  /** The journal cannot be read for that long: streams end with UNAVAILABLE. */
  readonly unreadableMsMax: number;
}

export const feedLimits: FeedLimits = {
  subscribersMax: 10_000,
  windowRowsMax: 2_048,
  windowEventsMax: 16_384,
  pageRowsMax: 16,
  pollIntervalMs: 1_000,
  unreadableMsMax: 30_000,
};

export const retryLimits = {
  /** What a refused caller is told to wait where the refusal does not say. */
  overloadedDelayMs: 100,
  unavailableDelayMs: 500,
  deadlineDelayMs: 0,
} as const;
