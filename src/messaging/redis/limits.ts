// Every bound of what is kept in Redis and of how it is reached, with its unit in its name.

export const redisLimits = {
  /** A command that takes longer counts as not answered, and whoever asked goes on without. */
  answerMsMax: 50,
  /** So many commands in a row that were not answered: no further ones are sent. */
  breakerFailuresMax: 3,
  /** For so long; then a ping decides. */
  breakerOpenMs: 1_000,
  connectMsMax: 1_000,
  /** For the commands that a connection begins with. */
  handshakeMsMax: 1_000,
  /** A connection that is being closed is cut off when the other end says nothing for so long. */
  closeMsMax: 100,
  /** Before a connection is tried again: twice as long each time, and up to half of it more at random. */
  reconnectMsMin: 50,
  reconnectMsMax: 1_000,
  /** Messages that wait to be published, and of those sent at a time. What comes beyond is dropped. */
  waitingMessagesMax: 10_000,
  publishedAtATimeMax: 500,
} as const;
