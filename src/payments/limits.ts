// Every bound of the payments, with its unit in its name.

export const sandboxLimits = {
  /** How long a request that gets no answer hangs. */
  noAnswerMs: 1_000,
  /** From `pending` to the answer. */
  lateMs: 1_000,
  /** From an authorization that lapses to its lapse. */
  lapseMs: 1_000,
  /** First tries that are remembered, so that the repeat is answered otherwise. The oldest are forgotten. */
  rememberedMax: 65_536,
} as const;

export const httpGatewayLimits = {
  /** From the request to the last byte of the answer. */
  tryMsMax: 5_000,
  /** All tries of one call, with the pauses between them. */
  callMsMax: 15_000,
  /** Before each further try; so there are two more than the first. Up to half as long again at random. */
  pausesMs: [100, 500],
  answerBytesMax: 65_536,
} as const;

export const webhookLimits = {
  /** How far the time in a signature may be from ours, either way. */
  toleranceMs: 300_000,
  headerCharactersMax: 1_024,
  signaturesMax: 8,
  secretCharactersMin: 16,
  bodyBytesMax: 65_536,
} as const;

/** What texts of a gateway may be: more is refused, except a reason, which is cut. */
export const textLimits = {
  noticeIdCharactersMax: 255,
  transactionIdCharactersMax: 255,
  orderIdCharactersMax: 128,
  reasonCharactersMax: 200,
  violationsMax: 16,
  /** The end of the year 9999. */
  untilMsMax: 253_402_300_799_999,
} as const;
