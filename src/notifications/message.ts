// What a message looks like: a draft of plain sentences and lines, made into text and into simple HTML. Everything that
// comes from outside is escaped here, and nowhere else.

export interface Draft {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** Goods; none where the message is not about any, or does not know them. */
  readonly goods?: readonly Good[];
  /** What they cost together. */
  readonly total?: string;
}

export interface Good {
  readonly sku: string;
  readonly quantity: number;
  /** Of all of them; absent where it does not matter. */
  readonly price?: string;
}

export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** More are counted, not listed. */
const goodsMax = 50;

/** @param name of whom it is for; '' for no greeting */
export function composed(draft: Draft, name = ''): Message {
  const greeting = name === '' ? [] : [`Hello ${name},`];
  const paragraphs = [...greeting, ...draft.paragraphs];
  const goods = goodLines(draft);
  return {
    subject: oneLine(draft.subject),
    text: `${[...paragraphs.map(oneLine), ...(goods.length === 0 ? [] : [goods.map(oneLine).join('\n')])].join('\n\n')}\n`,
    html: htmlOf(paragraphs, goods),
  };
}

function goodLines({ goods = [], total }: Draft): readonly string[] {
  const more = goods.length - goodsMax;
  return [
    ...goods
      .slice(0, goodsMax)
      .map(({ sku, quantity, price }) => `${quantity} × ${sku}${price === undefined ? '' : `: ${price}`}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(total === undefined ? [] : [`Total: ${total}`]),
  ];
}

function htmlOf(paragraphs: readonly string[], goods: readonly string[]): string {
  const list = goods.map((line) => `<li>${escaped(line)}</li>`);
  return [
    '<!doctype html>',
    '<html lang="en"><body>',
    ...paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    ...(list.length === 0 ? [] : ['<ul>', ...list, '</ul>']),
    '</body></html>',
    '',
  ].join('\n');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** What came from outside starts no line of its own, in the text or in a header. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
