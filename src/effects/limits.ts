// Every bound of performing effects, with its unit in its name.

export const effectLimits = {
  /** One call to Inventory. */
  inventoryMsMax: 10_000,
  /** Lines of one return that are put back at a time. */
  restocksInFlightMax: 8,
  /** Short items of one order whose arrival is looked up. */
  estimatedItemsMax: 100,
  /** Between two looks at one item's levels, however much happens to it. */
  lookIntervalMs: 100,
  /** Items of one look, of all that are to be looked at; and how many such looks are under way at once. */
  lookItemsMax: 500,
  looksInFlightMax: 4,
  /** A look where no news came, in case some were lost. */
  lookAnywayMs: 30_000,
  /** One event of Inventory, with all commands that it causes; and of those how many are under way at once. */
  eventMsMax: 10_000,
  eventCommandsInFlightMax: 32,
} as const;
