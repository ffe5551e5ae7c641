// Draws docs/order-states.svg from the table of transitions, so that picture, docs and behaviour cannot differ.
import {
  type OrderStatus,
  orderStatuses,
  type Transition,
  transitions,
} from '../../src/actors/logistics/order/transitions.ts';

interface Place {
  readonly x: number;
  readonly y: number;
}

const width = 1_290;
const box = { width: 150, height: 44 };
const legendTop = 440;
const rowHeight = 22;

const places: Readonly<Record<OrderStatus, Place>> = {
  created: { x: 100, y: 80 },
  processing: { x: 310, y: 80 },
  reservingStock: { x: 530, y: 80 },
  confirmed: { x: 750, y: 80 },
  shipped: { x: 970, y: 80 },
  delivered: { x: 1_190, y: 80 },
  backOrdered: { x: 530, y: 230 },
  cancelled: { x: 530, y: 370 },
};

const labels: Readonly<Record<OrderStatus, string>> = {
  created: 'Created',
  processing: 'Processing',
  reservingStock: 'ReservingStock',
  confirmed: 'Confirmed',
  backOrdered: 'BackOrdered',
  shipped: 'Shipped',
  delivered: 'Delivered',
  cancelled: 'Cancelled',
};

export function drawOrderStates(): string {
  const height = legendTop + Math.ceil(transitions.length / 2) * rowHeight + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="14">`,
    '<title>The states of an order</title>',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse">' +
      '<path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...transitions.map(arrow),
    ...orderStatuses.map(state),
    ...transitions.map(legend),
    '</svg>',
    '',
  ].join('\n');
}

function state(status: OrderStatus): string {
  const { x, y } = places[status];
  const isEnd = !transitions.some(({ from }) => from === status);
  const fill = isEnd ? '#eaeef2' : '#ddf4ff';
  return (
    `<rect x="${x - box.width / 2}" y="${y - box.height / 2}" width="${box.width}" height="${box.height}" rx="8" ` +
    `fill="${fill}" stroke="#57606a"/>` +
    `<text x="${x}" y="${y + 5}" text-anchor="middle" fill="#1f2328">${labels[status]}</text>`
  );
}

/** A curve where the way back exists too, or the arrow leads to where it came from. */
function arrow({ from, to }: Transition, index: number): string {
  const path = from === to ? loop(places[from]) : between(from, to);
  return (
    `<path d="${path.d}" fill="none" stroke="#57606a" marker-end="url(#tip)"/>` +
    `<circle cx="${path.at.x}" cy="${path.at.y}" r="10" fill="#ffffff" stroke="#57606a"/>` +
    `<text x="${path.at.x}" y="${path.at.y + 4}" text-anchor="middle" font-size="11" fill="#1f2328">${index + 1}</text>`
  );
}

function loop({ x, y }: Place) {
  const top = y - box.height / 2;
  return {
    d: `M${x - 25} ${top}C${x - 40} ${top - 45} ${x + 40} ${top - 45} ${x + 25} ${top}`,
    at: { x, y: top - 34 },
  };
}

function between(from: OrderStatus, to: OrderStatus) {
  const a = places[from];
  const b = places[to];
  const hasBack = transitions.some((other) => other.from === to && other.to === from);
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const aside = hasBack ? 34 : 0;
  const middle = {
    x: Math.round((a.x + b.x) / 2 + (aside * (a.y - b.y)) / length),
    y: Math.round((a.y + b.y) / 2 + (aside * (b.x - a.x)) / length),
  };
  const start = edge(a, middle);
  const end = edge(b, middle);
  return {
    d: `M${start.x} ${start.y}Q${middle.x} ${middle.y} ${end.x} ${end.y}`,
    at: {
      x: Math.round((start.x + 2 * middle.x + end.x) / 4),
      y: Math.round((start.y + 2 * middle.y + end.y) / 4),
    },
  };
}

/** Where the straight line from the middle of a box to a point leaves it. */
function edge({ x, y }: Place, towards: Place): Place {
  const dx = towards.x - x;
  const dy = towards.y - y;
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : box.width / 2 / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : box.height / 2 / Math.abs(dy),
  );
  return { x: Math.round(x + dx * scale), y: Math.round(y + dy * scale) };
}

function legend({ when }: Transition, index: number): string {
  const rows = Math.ceil(transitions.length / 2);
  const x = index < rows ? 40 : width / 2 + 20;
  const y = legendTop + (index % rows) * rowHeight;
  return `<text x="${x}" y="${y}" font-size="13" fill="#1f2328">${index + 1}  ${when}</text>`;
}
