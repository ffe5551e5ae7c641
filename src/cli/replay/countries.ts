// The data set's countries, as a shop in England wrote them down, and their codes.

const codes: ReadonlyMap<string, string> = new Map([
  ['Australia', 'AU'],
  ['Austria', 'AT'],
  ['Bahrain', 'BH'],
  ['Belgium', 'BE'],
  ['Brazil', 'BR'],
  ['Canada', 'CA'],
  // Jersey has most of the people of these islands.
  ['Channel Islands', 'JE'],
  ['Cyprus', 'CY'],
  ['Czech Republic', 'CZ'],
  ['Denmark', 'DK'],
  ['EIRE', 'IE'],
  // Not a country, but a code that ISO 3166 sets aside for just this.
  ['European Community', 'EU'],
  ['Finland', 'FI'],
  ['France', 'FR'],
  ['Germany', 'DE'],
  ['Greece', 'GR'],
  ['Hong Kong', 'HK'],
  ['Iceland', 'IS'],
  ['Israel', 'IL'],
  ['Italy', 'IT'],
  ['Japan', 'JP'],
  ['Lebanon', 'LB'],
  ['Lithuania', 'LT'],
  ['Malta', 'MT'],
  ['Netherlands', 'NL'],
  ['Norway', 'NO'],
  ['Poland', 'PL'],
  ['Portugal', 'PT'],
  ['RSA', 'ZA'],
  ['Saudi Arabia', 'SA'],
  ['Singapore', 'SG'],
  ['Spain', 'ES'],
  ['Sweden', 'SE'],
  ['Switzerland', 'CH'],
  ['USA', 'US'],
  ['United Arab Emirates', 'AE'],
  ['United Kingdom', 'GB'],
]);

/** ISO 3166-1 alpha-2; '' where the country is not known, which an address may leave open. */
export function countryCode(country: string): string {
  return codes.get(country) ?? '';
}
