import { command, job as load } from './api.js';
import { layerMap, lossCurve, perplexityBars } from './charts.js';
import { bytes, duration, el, number, remaining, significant } from './dom.js';

const SUBJECTS = ['original', 'pruned', 'recovered'];
const COMMANDS = {
  pause: (job) => job.state === 'RUNNING',
  resume: (job) => job.state === 'PAUSED',
  cancel: (job) => job.state === 'RUNNING' || job.state === 'PAUSED',
  retry: (job) => job.state === 'FAILED',
};

/** One job: stages as they run, attempts, results, and what one can do with it. */
export function detailView(store, id, notice) {
  const heading = el('h1', {}, id);
  const lead = el('p', { class: 'soft' });
  const buttons = Object.keys(COMMANDS).map((name) => el('button', {
    disabled: true, onclick: () => command(id, name).catch((e) => notice(e.message)),
  }, name));
  const body = el('div');
  // What can be clicked stays in its place; only the body is drawn anew.
  const view = el('section', {}, heading, lead,
    el('div', { class: 'toolbar' }, buttons, el('a', { href: `/api/v1/jobs/${id}/report`, target: '_blank' }, 'report')), body);
  if (!store.has(id)) load(id).then((job) => { store.set(id, job); render(); }, (error) => body.replaceChildren(el('p', { class: 'bad' }, error.message)));

  function render() {
    const job = store.get(id);
    if (!job) return;
    heading.textContent = job.name ?? job.id;
    lead.replaceChildren(el('span', { class: `state state-${job.state}` }, job.state.toLowerCase()), ` · ${job.request.method.name} · job ${job.id} ${remaining(job)}`);
    buttons.forEach((button) => { button.disabled = !COMMANDS[button.textContent](job); });
    const open = [...body.querySelectorAll('details')].map((d) => d.open);
    body.replaceChildren(...[
      job.error ? el('div', { class: 'problems', role: 'alert' }, el('strong', {}, job.error.stage ?? ''), ` ${job.error.message}`,
        job.error.detail ? el('details', {}, el('summary', {}, 'detail'), el('pre', {}, job.error.detail)) : null) : null,
      el('h2', {}, 'Stages'), el('ol', { class: 'stages' }, job.stages.map(stage)),
      attempts(job), results(job),
      chart('Perplexity, lower is better', perplexityBars(job.models ?? {})),
      chart('Widths of each layer after pruning', layerMap(job.plan?.layers)),
      chart('Recovery', lossCurve(job.recovery?.losses)),
      el('h2', {}, 'Events'), el('ul', { class: 'log' }, [...job.timeline].reverse().map((m) => el('li', {}, `${new Date(m.at).toLocaleTimeString()} ${m.message}`))),
      el('details', {}, el('summary', {}, 'Request as accepted'), el('pre', {}, JSON.stringify(job.request, null, 2))),
    ].filter(Boolean));
    [...body.querySelectorAll('details')].forEach((d, i) => { d.open = open[i] ?? false; });
  }
  return { view, render, title: id };
}

function chart(title, svg) {
  return svg ? el('div', {}, el('h2', {}, title), svg) : null;
}

function stage(s) {
  const text = s.state === 'WAITING' ? 'waits' : s.state === 'DONE' ? `${duration(s.wallSeconds)}${s.fromCache ? ', from cache' : ''}`
    : `${s.done} of ${s.tasks} tasks`;
  return el('li', { 'data-state': s.state, title: s.note }, el('strong', {}, s.stage + (s.step > 1 ? ` ${s.step}` : '')),
    el('progress', { max: 1, value: s.state === 'DONE' ? 1 : s.progress, 'aria-label': `progress of ${s.stage}` }), el('small', {}, text));
}

function attempts(job) {
  const running = job.stages.flatMap((s) => s.running.map((a) => ({ stage: s.stage, ...a })));
  if (!running.length) return null;
  return el('div', {}, el('h2', {}, 'At work'), el('div', { class: 'scroll' }, el('table', {},
    el('thead', {}, el('tr', {}, ['worker', 'stage', 'attempt', 'progress', 'tokens/s', ''].map((h) => el('th', { scope: 'col' }, h)))),
    el('tbody', {}, running.map((a) => {
      const seconds = (Date.parse(job.updatedAt) - Date.parse(a.startedAt)) / 1000;
      return el('tr', {}, el('th', { scope: 'row' }, a.worker), el('td', {}, a.stage), el('td', {}, a.attempt),
        el('td', {}, el('progress', { max: 1, value: a.progress, 'aria-label': `progress of ${a.task}` })),
        el('td', { class: 'number' }, seconds > 0 && a.tokens ? number(Math.round(a.tokens / seconds)) : ''), el('td', { class: 'wide soft' }, a.message ?? ''));
    })))));
}

function results(job) {
  const models = job.models ?? {};
  const subjects = SUBJECTS.filter((s) => models[s]);
  if (!subjects.length) return null;
  const rows = [];
  const add = (label, figure, text) => {
    const values = subjects.map((s) => figure(models[s]));
    if (values.some((v) => v !== undefined && v !== null)) rows.push(el('tr', {}, el('th', { scope: 'row' }, label), values.map((v) => el('td', { class: 'number' }, v === undefined || v === null ? '' : text(v)))));
  };
  const names = (key) => [...new Set(subjects.flatMap((s) => Object.keys(models[s][key] ?? {})))].sort();
  add('parameters', (m) => m.parameters, number);
  add('weights', (m) => m.bytes, bytes);
  add('MACs at 1x64', (m) => m.macs64, number);
  for (const p of names('perplexity')) add(`perplexity ${p}`, (m) => m.perplexity?.[p], significant);
  for (const p of names('fidelity')) {
    add(`KL from original ${p}`, (m) => m.fidelity?.[p]?.kl, significant);
    add(`same top token ${p}`, (m) => m.fidelity?.[p]?.top1, significant);
  }
  for (const t of names('tasks')) {
    add(`${t} acc`, (m) => m.tasks?.[t]?.acc, significant);
    add(`${t} word perplexity`, (m) => m.tasks?.[t]?.word_perplexity, significant);
  }
  add('mean of tasks acc', (m) => m.mean?.acc, significant);
  add('prefill', (m) => m.cost?.prefillMillis, (v) => `${significant(v)} ms`);
  add('decode per token', (m) => m.cost?.decodeMillisPerToken, (v) => `${significant(v)} ms`);
  add('peak memory', (m) => m.cost?.peakMemoryBytes, bytes);
  return el('div', {}, el('h2', {}, 'Before and after'), el('div', { class: 'scroll' }, el('table', {},
    el('thead', {}, el('tr', {}, el('th', {}), subjects.map((s) => el('th', { scope: 'col', class: 'number' }, s)))), el('tbody', {}, rows))));
}
