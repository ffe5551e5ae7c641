// Every bound of speaking AMQP, with its unit in its name.

export const rabbitLimits = {
  /** TCP, TLS and the handshake of AMQP. */
  connectMsMax: 10_000,
  /** Declaring everything on a new connection. */
  setUpMsMax: 15_000,
  /** The pause before the next connection; reset by one that lasted as long as the longest pause. */
  reconnectMsMin: 100,
  reconnectMsMax: 5_000,
  /** A peer that is silent for two to three of these is gone. */
  heartbeatSeconds: 10,
  /** Whatever is sent and not confirmed for so long, while the broker is not blocked, will not be: the connection is remade. */
  confirmMsMax: 30_000,
  confirmLookIntervalMs: 1_000,
  /** The pause before a message that was refused or returned is sent again. */
  resendMsMin: 50,
  resendMsMax: 5_000,
  /** Between two lines of the log on messages that were refused or returned. */
  warnIntervalMs: 1_000,
  /** Frames that a channel holds before it asks to wait for its drain. */
  channelFramesMax: 2_048,
  /** What is under way when closing begins may still be finished for so long; and then the connection may take as long. */
  closeMsMax: 5_000,
  /** Dead letters that one command looks through at a time; AMQP counts them in 16 bits. */
  deadLettersSeenMax: 20_000,
  /** Of those, how many are on their way back to their queue at once. */
  deadLettersSentMax: 100,
  /** No further one for so long: that was all, whatever the broker's count said. */
  deadLettersQuietMs: 1_000,
} as const;

export type RabbitLimits = { readonly [K in keyof typeof rabbitLimits]: number };

/**
 * How often the broker may deliver a message before it puts it among the dead letters by itself. Every lost connection
 * counts for all that was taken over it, so this is far beyond what an unsteady network reaches in a night; it is there
 * for a message that ends the process that takes it in. That it is set at all keeps what comes back at the head of the
 * queue: without it, quorum queues put it at the end.
 */
export const deliveriesMax = 10_000;

/** Of dead letters, which whoever looks at them counts as delivered: never. */
export const deadDeliveriesMax = 2_000_000_000;
