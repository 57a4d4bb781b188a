import { el, number, significant } from './dom.js';

const WIDTH = 720;

/** Widths of each layer, as shares of the widest layer. */
export function layerMap(layers) {
  if (!layers?.length) return null;
  const groups = Math.max(1, ...layers.map((l) => l.kvGroups));
  const channels = Math.max(1, ...layers.map((l) => l.channels));
  const svg = el('svg', { viewBox: `0 0 ${WIDTH} ${layers.length * 18 + 24}`, role: 'img', 'aria-label': 'Widths of each layer after pruning' });
  svg.append(el('text', { x: 70, y: 12 }, 'key-value groups'), el('text', { x: 300, y: 12 }, 'MLP channels'));
  layers.forEach((layer, i) => {
    const y = 20 + i * 18;
    svg.append(el('text', { x: 60, y: y + 11, 'text-anchor': 'end' }, `layer ${layer.layer}`));
    bar(svg, 70, y, 160, layer.kvGroups / groups, `${layer.kvGroups} groups, ${layer.queryHeads} query heads`);
    svg.append(el('text', { x: 236, y: y + 11 }, number(layer.kvGroups)));
    bar(svg, 300, y, 340, layer.channels / channels, `${layer.channels} channels`);
    svg.append(el('text', { x: 646, y: y + 11 }, number(layer.channels)));
  });
  return svg;
}

function bar(svg, x, y, width, share, title) {
  svg.append(el('rect', { x, y, width, height: 13, class: 'gone' }),
    el('rect', { x, y, width: width * share, height: 13, class: 'kept' }, el('title', {}, title)));
}

/** Training and validation loss; rows of step, training loss, validation loss or null. */
export function lossCurve(rows) {
  const points = (column) => (rows ?? []).filter((r) => typeof r[column] === 'number').map((r) => [r[0], r[column]]);
  const all = [...points(1), ...points(2)];
  if (all.length < 2) return null;
  const xs = all.map((p) => p[0]);
  const ys = all.map((p) => p[1]);
  const [minX, maxX, minY, maxY] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const x = (v) => 60 + ((v - minX) / (maxX - minX || 1)) * (WIDTH - 80);
  const y = (v) => 190 - ((v - minY) / (maxY - minY || 1)) * 175;
  const svg = el('svg', { viewBox: `0 0 ${WIDTH} 215`, role: 'img', 'aria-label': 'Loss over optimizer steps' });
  svg.append(el('line', { x1: 60, y1: 10, x2: 60, y2: 190, class: 'axis' }), el('line', { x1: 60, y1: 190, x2: WIDTH - 20, y2: 190, class: 'axis' }));
  for (const [v, anchor] of [[minX, 'start'], [maxX, 'end']]) svg.append(el('text', { x: x(v), y: 206, 'text-anchor': anchor }, `step ${v}`));
  for (const v of [minY, maxY]) svg.append(el('text', { x: 54, y: y(v) + 4, 'text-anchor': 'end' }, significant(v)));
  for (const [column, style] of [[1, 'line-train'], [2, 'line-validation']]) {
    svg.append(el('polyline', { class: style, points: points(column).map((p) => `${x(p[0])},${y(p[1])}`).join(' ') }));
  }
  for (const p of points(2)) svg.append(el('circle', { cx: x(p[0]), cy: y(p[1]), r: 3, class: 'recovered' }, el('title', {}, `step ${p[0]}: validation loss ${p[1]}`)));
  return svg;
}

/** One bar per protocol and model. */
export function perplexityBars(models) {
  const subjects = ['original', 'pruned', 'recovered'].filter((s) => models[s]?.perplexity);
  const protocols = [...new Set(subjects.flatMap((s) => Object.keys(models[s].perplexity)))].sort();
  if (!protocols.length) return null;
  const largest = Math.max(...subjects.flatMap((s) => Object.values(models[s].perplexity)));
  const row = 18 * subjects.length + 14;
  const svg = el('svg', { viewBox: `0 0 ${WIDTH} ${row * protocols.length}`, role: 'img', 'aria-label': 'Perplexity, lower is better' });
  protocols.forEach((protocol, i) => {
    svg.append(el('text', { x: 142, y: i * row + row / 2, 'text-anchor': 'end' }, protocol));
    subjects.forEach((subject, j) => {
      const value = models[subject].perplexity[protocol];
      if (value === undefined) return;
      const width = (WIDTH - 320) * Math.min(1, value / largest);
      const y = i * row + 18 * j;
      svg.append(el('rect', { x: 150, y, width, height: 14, class: subject }, el('title', {}, `${subject}: ${value}`)),
        el('text', { x: 156 + width, y: y + 11 }, `${significant(value)} ${subject}`));
    });
  });
  return svg;
}
