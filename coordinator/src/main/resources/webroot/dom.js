/** Builds elements: el('p', {class: 'soft'}, 'text', child). Text is never parsed as markup. */
export function el(name, attributes = {}, ...children) {
  const node = name === 'svg' || el.svg.has(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
el.svg = new Set(['rect', 'circle', 'line', 'polyline', 'text', 'title', 'g']);

export const number = (n) => (n === undefined || n === null ? '' : Number(n).toLocaleString('en-US'));

export function significant(x) {
  if (x === undefined || x === null) return '';
  const size = Math.abs(x);
  return x.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 4 });
}

export function bytes(n) {
  if (n === undefined || n === null) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit += 1; }
  return `${significant(n)} ${units[unit]}`;
}

export function duration(seconds) {
  if (seconds === undefined || seconds === null) return '';
  const s = Math.round(seconds);
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
  if (s >= 60) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${seconds < 10 ? seconds.toFixed(1) : s} s`;
}

/** Honest only after a tenth of the work: before that there is nothing to extrapolate from. */
export function remaining(job) {
  if (job.state !== 'RUNNING' || job.progress < 0.1) return '';
  const elapsed = (Date.parse(job.updatedAt) - Date.parse(job.submittedAt)) / 1000;
  const left = elapsed * (1 - job.progress) / job.progress;
  return `about ${duration(left * 0.7)} to ${duration(left * 1.5)} left`;
}
