// The bounds of what the actors of the Inventory keep and accept. The edge refuses by the same numbers.

export const limits = {
  /** Beyond it JavaScript's numbers are no longer exact: the bound of every quantity and of every sum of them. */
  quantityMax: Number.MAX_SAFE_INTEGER,
  /** Unicode characters, not bytes. */
  orderIdCharactersMax: 128,
  /** Tries to reserve that are kept of one order: beyond it the oldest that was refused is forgotten, with its key. */
  attemptsPerOrderMax: 100,
  /** What the number of a try comes to at most: part of the reservation's id. */
  attemptNumberMax: 999_999,
  /** Items of one basket, after lines of the same item were summed. */
  itemsPerReservationMax: 2_000,
  /** Pairs of item and warehouse that one order has allocated without a reservation, over its whole life. */
  directLinesPerOrderMax: 2_000,
  reservationTtlSecondsDefault: 900,
  reservationTtlSecondsMax: 604_800,
  /** Creations at the very same moment may pass it by as many: each shard counts what has reached it. */
  warehousesMax: 1_000,
  /** Differences that an audit names; it counts the others. */
  auditDifferencesMax: 1_000,
} as const;
