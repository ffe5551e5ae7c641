// Every bound of the HTTP server, with its unit in its name.

export const httpLimits = {
  /** A basket of 2,000 lines, or 1,000 items with 4 KiB of text each, fits well. As gRPC has it. */
  bodyBytesMax: 8 * 1_024 * 1_024,
  /** Request line and headers: a filter by 1,000 UUIDs fits. */
  headerBytesMax: 64 * 1_024,
  connectionsMax: 32_768,
  /** Requests that are being answered, event streams with them; what comes beyond them is refused at once. */
  openRequestsMax: 16_384,
  /** Until the headers, and until the whole request, have come. */
  headersMsMax: 10_000,
  requestMsMax: 30_000,
  /** Between two looks for requests that are late. */
  lateCheckIntervalMs: 1_000,
  /** Without a request, before a connection is closed. Longer than the 60 s that load balancers commonly keep one. */
  keepAliveMs: 72_000,
  /** Silence after which the kernel asks whether the client is still there. */
  tcpKeepAliveMs: 30_000,
  /** Client addresses whose requests are counted, where they are limited. */
  knownClientsMax: 65_536,
  /** Shorter ones are sent as they are. */
  compressBytesMin: 1_024,
  /** `Prefer: wait` beyond it is not honoured, and the default holds. */
  preferredWaitSecondsMax: 600,

  /** Of all kinds together. */
  eventStreamsMax: 10_000,
  /** Between two signs of life on a stream without events; proxies cut what is silent for a minute. */
  heartbeatIntervalMs: 15_000,
  /** A client that takes nothing for so long, while there is something for it, is gone. */
  stalledMsMax: 120_000,
  /** What a client is told to wait before it connects again. */
  reconnectDelayMs: 1_000,

  /** Of a field's name or a text that a client sent, as an error repeats it. */
  repeatedCharactersMax: 200,
  /** Lines of a report that are read at a time where all of them are asked for. */
  csvPageRows: 1_000,
  /** Reservations that one page of a list looks at, for those that its filter lets through: some 150 ms of reading. */
  reservationsExaminedMax: 50_000,
} as const;

export type HttpLimits = { readonly [Name in keyof typeof httpLimits]: number };
