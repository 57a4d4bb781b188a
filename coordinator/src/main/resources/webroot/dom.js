/** Builds elements: el('p', {class: 'soft'}, 'text', child). Text is never parsed as markup. */
export function el(name, attributes = {}, ...children) {
  const node = el.svg.has(name) ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
el.svg = new Set(['svg', 'polyline']);

/** Children of a node that are drawn anew only where they changed: focus, scrolling and open details stay. */
export function replaceChanged(parent, children) {
  children.forEach((child, i) => {
    const known = parent.children[i];
    if (!known) parent.append(child);
    else if (!known.isEqualNode(child)) known.replaceWith(child);
  });
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}

/** Sets a text only if it changed, so that nothing is laid out or announced for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const number = (n) => (n === undefined || n === null ? '' : Number(n).toLocaleString('en-US'));

export function significant(x) {
  if (x === undefined || x === null) return '';
  const size = Math.abs(x);
  return x.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4 });
}

export function scaled(n, units = ['', 'k', 'M', 'G', 'T']) {
  if (n === undefined || n === null) return '';
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit += 1; }
  return `${significant(n)} ${units[unit]}`.trim();
}

export const bytes = (n) => scaled(n, ['B', 'kB', 'MB', 'GB', 'TB']);

export function duration(seconds) {
  if (seconds === undefined || seconds === null) return '';
  const s = Math.round(seconds);
  if (s >= 172800) return `${Math.round(s / 86400)} days`;
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
  if (s >= 60) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return seconds < 10 && seconds % 1 ? `${seconds.toFixed(1)} s` : `${s} s`;
}

/** Seconds as coarse as an estimate is. */
function coarse(seconds) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];
  const step = steps.findLast((s) => s <= seconds / 4) ?? 1;
  return Math.max(1, Math.round(seconds / step) * step);
}

function coarsely(seconds) {
  const s = coarse(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${s / 60} min`;
  if (s < 172800) return s % 3600 ? `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min` : `${s / 3600} h`;
  return `${Math.round(s / 86400)} days`;
}

/** A range of seconds that was estimated {@code age} seconds ago, for people; empty where there is none. */
export function left(range, age = 0) {
  if (!range) return '';
  const [low, high] = [Math.max(0, range.low - age), Math.max(0, range.high - age)];
  if (high < 2) return 'nearly done';
  const [from, to] = [coarsely(low), coarsely(high)];
  return low < 1 ? `up to ${to} left` : from === to ? `about ${to} left` : `${from} to ${to} left`;
}

/** How long something will take that has not begun. */
export function about(range) {
  if (range.high < 2) return 'under 2 s';
  const [from, to] = [coarsely(range.low), coarsely(range.high)];
  return range.low < 1 ? `up to ${to}` : from === to ? `about ${to}` : `${from} to ${to}`;
}

export const percent = (ratio) => `${Math.floor(ratio * 100 + 1e-9)} %`;
export const clock = (instant) => new Date(instant).toLocaleTimeString();
