import { el, scaled, setText } from './dom.js';

const LONGEST = 240;
const WIDTH = 320;
const HEIGHT = 48;

/** Throughput of one job while one watches it. */
export function traces() {
  const points = [];
  let last = null;
  const line = el('polyline', { class: 'trace', points: '' });
  const now = el('span', { class: 'soft' });
  const view = el('div', { class: 'traces', hidden: true }, el('h2', {}, 'Throughput'),
    el('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': 'tokens per second since this page was opened', preserveAspectRatio: 'none' }, line), now);

  function take(job) {
    const total = job.stages.reduce((sum, s) => sum + s.tokens + s.running.reduce((part, a) => part + a.tokens, 0), 0);
    const at = Date.parse(job.updatedAt) / 1000;
    if (last && at > last.at + 0.5) {
      points.push(Math.max(0, total - last.total) / (at - last.at));
      if (points.length > LONGEST) points.shift();
      last = { total, at };
    }
    last ??= { total, at };
    view.hidden = points.length < 3 || !points.some((p) => p > 0);
    draw(job);
  }

  function draw(job) {
    const most = Math.max(...points, 1e-9);
    line.setAttribute('points', points.map((p, i) => `${(i / Math.max(1, points.length - 1)) * WIDTH},${HEIGHT - 2 - (p / most) * (HEIGHT - 6)}`).join(' '));
    const rate = points.at(-1) ?? 0;
    setText(now, job.endedAt ? `at most ${scaled(most)} tokens/s` : `${scaled(rate)} tokens/s now, at most ${scaled(most)}`);
  }
  return { view, take };
}
