import { el, remaining, significant } from './dom.js';

const SHOWN = 200;
const STATES = ['RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED'];

/** The list of jobs. Only the first 200 that match stand in the document, however many there are. */
export function listView(store) {
  const filter = el('select', { 'aria-label': 'State', onchange: () => render() },
    el('option', { value: '' }, 'all states'), STATES.map((s) => el('option', { value: s }, s.toLowerCase())));
  const counts = el('span', { class: 'soft' });
  const rows = el('tbody');
  const lines = new Map();
  const view = el('section', {}, el('h1', {}, 'Jobs'),
    el('div', { class: 'toolbar' }, filter, counts),
    el('div', { class: 'scroll' }, el('table', {},
      el('thead', {}, el('tr', {}, ['job', 'method', 'state', 'progress', 'stage', 'submitted'].map((h) => el('th', { scope: 'col' }, h)))), rows)));

  function render() {
    const all = [...store.values()].sort((a, b) => b.submittedAt.localeCompare(a.submittedAt));
    const matching = filter.value ? all.filter((job) => job.state === filter.value) : all;
    counts.textContent = `${matching.length} of ${all.length} jobs${matching.length > SHOWN ? `, newest ${SHOWN} shown` : ''}`;
    const shown = matching.slice(0, SHOWN).map((job) => line(job));
    if (!shown.length) {
      shown.push(el('tr', {}, el('td', { colspan: 6, class: 'soft' }, all.length ? 'No job in this state.' : 'No jobs yet. Submit one with “New job” or ./espalier submit FILE.')));
    }
    if (shown.length !== rows.children.length || shown.some((tr, i) => tr !== rows.children[i])) rows.replaceChildren(...shown);
  }

  /** A job keeps its row, and the row its link: what is under the pointer must not be replaced. */
  function line(job) {
    if (!lines.has(job.id)) lines.set(job.id, row(job));
    const known = lines.get(job.id);
    known.update(job);
    return known.element;
  }
  return { view, render, title: 'Jobs' };
}

function row(job) {
  const name = job.name ?? job.id;
  const state = el('td');
  const bar = el('progress', { max: 1, 'aria-label': `progress of ${name}` });
  const percent = el('span');
  const stageCell = el('td', { class: 'soft' });
  const element = el('tr', {},
    el('th', { scope: 'row' }, el('a', { href: `#/jobs/${job.id}` }, name)),
    el('td', {}, job.request.method.name), state, el('td', {}, bar, percent), stageCell,
    el('td', { class: 'soft' }, new Date(job.submittedAt).toLocaleString()));
  return {
    element,
    update(latest) {
      const stage = latest.stages.find((s) => s.state === 'RUNNING');
      const workers = stage?.running.length ?? 0;
      state.className = `state state-${latest.state}`;
      state.textContent = latest.state.toLowerCase();
      bar.value = latest.progress;
      percent.textContent = ` ${significant(latest.progress * 100)} %`;
      stageCell.textContent = stage && latest.state === 'RUNNING' ? `${stage.stage} on ${workers} worker${workers === 1 ? '' : 's'} ${remaining(latest)}` : '';
    },
  };
}
