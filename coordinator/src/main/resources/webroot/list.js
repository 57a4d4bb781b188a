import { el, remaining, significant } from './dom.js';

const SHOWN = 200;
const STATES = ['RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED'];

/** The list of jobs. Only the first 200 that match stand in the document, however many there are. */
export function listView(store) {
  const filter = el('select', { 'aria-label': 'State', onchange: () => render() },
    el('option', { value: '' }, 'all states'), STATES.map((s) => el('option', { value: s }, s.toLowerCase())));
  const counts = el('span', { class: 'soft' });
  const rows = el('tbody');
  const view = el('section', {}, el('h1', {}, 'Jobs'),
    el('div', { class: 'toolbar' }, filter, counts),
    el('div', { class: 'scroll' }, el('table', {},
      el('thead', {}, el('tr', {}, ['job', 'method', 'state', 'progress', 'stage', 'submitted'].map((h) => el('th', { scope: 'col' }, h)))), rows)));

  function render() {
    const all = [...store.values()].sort((a, b) => b.submittedAt.localeCompare(a.submittedAt));
    const matching = filter.value ? all.filter((job) => job.state === filter.value) : all;
    counts.textContent = `${matching.length} of ${all.length} jobs${matching.length > SHOWN ? `, newest ${SHOWN} shown` : ''}`;
    rows.replaceChildren(...matching.slice(0, SHOWN).map(row));
    if (!matching.length) {
      rows.append(el('tr', {}, el('td', { colspan: 6, class: 'soft' }, all.length ? 'No job in this state.' : 'No jobs yet. Submit one with “New job” or ./espalier submit FILE.')));
    }
  }
  return { view, render, title: 'Jobs' };
}

function row(job) {
  const stage = job.stages.find((s) => s.state === 'RUNNING');
  const workers = stage?.running.length ?? 0;
  return el('tr', {},
    el('th', { scope: 'row' }, el('a', { href: `#/jobs/${job.id}` }, job.name ?? job.id)),
    el('td', {}, job.request.method.name),
    el('td', { class: `state state-${job.state}` }, job.state.toLowerCase()),
    el('td', {}, el('progress', { max: 1, value: job.progress, 'aria-label': `progress of ${job.name ?? job.id}` }), ` ${significant(job.progress * 100)} %`),
    el('td', { class: 'soft' }, stage ? `${stage.stage} on ${workers} worker${workers === 1 ? '' : 's'} ${remaining(job)}` : ''),
    el('td', { class: 'soft' }, new Date(job.submittedAt).toLocaleString()));
}
