// Every bound of what a request to Logistics may say, and of how its methods wait, with its unit in its name.

export const logisticsLimits = {
  addressLineCharactersMax: 256,
  postalCodeCharactersMax: 32,
  phoneCharactersMax: 64,
  /** 64 before the @, 255 behind it. */
  emailCharactersMax: 320,
  paymentMethodCharactersMax: 256,
  notesCharactersMax: 4_096,
  carrierCharactersMax: 128,
  trackingNumberCharactersMax: 128,
  lineIdCharactersMax: 16,
  customersQueryCharactersMax: 512,

  /** An answer about an order that does not rest yet leaves so long before the caller's deadline, or that share of it. */
  restMarginMsMin: 50,
  restMarginShare: 0.1,
  /** How long an order is waited for where its caller gave no deadline. */
  restWaitMsDefault: 10_000,

  /** How long an item that was found counts as there. */
  knownItemMsMax: 60_000,
  knownItemsMax: 65_536,
  /** Items of one order that are looked up at a time. */
  itemsInFlightMax: 32,

  /** How often a change of a customer begins again where others came between. */
  updateTriesMax: 5,
} as const;
