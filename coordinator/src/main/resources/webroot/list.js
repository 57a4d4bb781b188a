import { comparisonAddress } from './api.js';
import { el, left, percent, replaceChanged, setText } from './dom.js';
import { store } from './store.js';

const ROWS = 50;
const STATES = ['RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED'];
const COLUMNS = [
  { key: 'name', label: 'job', of: (job) => (job.name ?? job.id).toLowerCase() },
  { key: 'method', label: 'method', of: (job) => job.method },
  { key: 'state', label: 'state', of: (job) => STATES.indexOf(job.state) },
  { key: 'progress', label: 'progress', of: (job) => job.progress },
  { key: 'stage', label: 'stage' },
  { key: 'submittedAt', label: 'submitted', of: (job) => job.submittedAt },
];
/** What the user chose stays while they look at a job and come back. */
const chosen = { state: '', text: '', sort: 'submittedAt', down: true, page: 0, selected: new Set() };

/** The list of jobs: a page of rows stands in the document, however many jobs there are. */
export function listView() {
  const filter = el('select', { 'aria-label': 'State', onchange: () => { chosen.state = filter.value; chosen.page = 0; render(); } },
    el('option', { value: '' }, 'all states'), STATES.map((s) => el('option', { value: s }, s.toLowerCase())));
  filter.value = chosen.state;
  const search = el('input', { type: 'search', placeholder: 'name, method or model', 'aria-label': 'Search jobs', value: chosen.text,
    oninput: () => { chosen.text = search.value.toLowerCase(); chosen.page = 0; render(); } });
  const counts = el('span', { class: 'soft', id: 'counts' });
  const compare = el('button', { type: 'button', onclick: () => window.open(comparisonAddress([...chosen.selected]), '_blank') }, 'Compare');
  const heads = COLUMNS.map((column) => head(column, () => render()));
  const rows = el('tbody');
  const lines = new Map();
  const pager = pagerView(() => render());
  const view = el('section', {}, el('h1', {}, 'Jobs'),
    el('div', { class: 'toolbar' }, search, filter, counts, compare),
    el('div', { class: 'scroll' }, el('table', { class: 'jobs', 'aria-describedby': 'counts' },
      el('thead', {}, el('tr', {}, el('td', {}), heads.map((h) => h.cell))), rows)),
    pager.view);

  function render() {
    const matching = matches();
    chosen.page = Math.max(0, Math.min(chosen.page, Math.ceil(matching.length / ROWS) - 1));
    heads.forEach((h) => h.update());
    pager.update(matching.length);
    setText(counts, `${matching.length.toLocaleString('en-US')} of ${store.size.toLocaleString('en-US')} jobs`);
    const selectedHere = [...chosen.selected].filter((id) => store.has(id));
    compare.disabled = selectedHere.length < 2 || selectedHere.length > 20;
    setText(compare, selectedHere.length ? `Compare ${selectedHere.length}` : 'Compare');
    const shown = matching.slice(chosen.page * ROWS, (chosen.page + 1) * ROWS).map(line);
    if (!shown.length) {
      const text = store.size ? 'No job matches.' : 'No jobs yet. Submit one with “New job” or ./espalier submit FILE.';
      replaceChanged(rows, [el('tr', {}, el('td', { colspan: 7, class: 'soft none' }, text))]);
    } else if (shown.length !== rows.children.length || shown.some((tr, i) => tr !== rows.children[i])) {
      const focused = document.activeElement;
      rows.replaceChildren(...shown);
      if (rows.contains(focused)) focused.focus();
    }
  }

  /** A job keeps its row, and the row its link: what is under the pointer must not be replaced. */
  function line(job) {
    if (!lines.has(job.id)) lines.set(job.id, row(job, () => render()));
    if (lines.size > 8 * ROWS) [...lines.keys()].slice(0, 4 * ROWS).forEach((id) => { if (id !== job.id) lines.delete(id); });
    const known = lines.get(job.id) ?? row(job, () => render());
    known.update(job);
    return known.element;
  }
  return { view, render, title: 'Jobs' };
}

function matches() {
  const column = COLUMNS.find((c) => c.key === chosen.sort);
  const found = [];
  for (const job of store.values()) {
    if (chosen.state && job.state !== chosen.state) continue;
    if (chosen.text && !`${job.name ?? ''} ${job.id} ${job.method} ${job.model}`.toLowerCase().includes(chosen.text)) continue;
    found.push(job);
  }
  const sign = chosen.down ? -1 : 1;
  return found.sort((a, b) => {
    const [x, y] = [column.of(a), column.of(b)];
    return x < y ? -sign : x > y ? sign : a.id < b.id ? -1 : 1;
  });
}

function head(column, render) {
  if (!column.of) return { cell: el('th', { scope: 'col' }, column.label), update() {} };
  const button = el('button', { type: 'button', class: 'sort', onclick: () => {
    chosen.down = chosen.sort === column.key ? !chosen.down : column.key === 'submittedAt' || column.key === 'progress';
    chosen.sort = column.key;
    render();
  } }, column.label);
  const cell = el('th', { scope: 'col' }, button);
  return { cell, update() {
    if (chosen.sort === column.key) cell.setAttribute('aria-sort', chosen.down ? 'descending' : 'ascending');
    else cell.removeAttribute('aria-sort');
  } };
}

function pagerView(render) {
  const move = (by) => { chosen.page += by; render(); window.scrollTo(0, 0); };
  const back = el('button', { type: 'button', onclick: () => move(-1) }, 'Newer');
  const forth = el('button', { type: 'button', onclick: () => move(1) }, 'Older');
  const where = el('span', { class: 'soft', role: 'status' });
  const view = el('nav', { class: 'toolbar pager', 'aria-label': 'Pages' }, back, where, forth);
  return { view, update(count) {
    const pages = Math.max(1, Math.ceil(count / ROWS));
    view.hidden = pages === 1;
    back.disabled = chosen.page === 0;
    forth.disabled = chosen.page >= pages - 1;
    const standard = chosen.sort === 'submittedAt' && chosen.down;
    setText(back, standard ? 'Newer' : 'Back');
    setText(forth, standard ? 'Older' : 'Further');
    setText(where, `page ${chosen.page + 1} of ${pages}`);
  } };
}

function row(job, render) {
  const name = job.name ?? job.id;
  const box = el('input', { type: 'checkbox', 'aria-label': `compare ${name}`, onchange: () => {
    if (box.checked) chosen.selected.add(job.id); else chosen.selected.delete(job.id);
    render();
  } });
  box.checked = chosen.selected.has(job.id);
  const state = el('td');
  const bar = el('progress', { max: 1, 'aria-label': `progress of ${name}` });
  const done = el('span');
  const stage = el('span', { class: 'lines' });
  const element = el('tr', {}, el('td', {}, box),
    el('th', { scope: 'row' }, el('a', { href: `#/jobs/${encodeURIComponent(job.id)}`, title: job.id }, name)),
    el('td', {}, job.method), state, el('td', {}, bar, done), el('td', { class: 'soft' }, stage),
    el('td', { class: 'soft' }, new Date(job.submittedAt).toLocaleString()));
  return { element, update(latest) {
    if (state.dataset.state !== latest.state) {
      state.dataset.state = latest.state;
      state.className = `state state-${latest.state}`;
      state.textContent = latest.state.toLowerCase();
    }
    if (bar.value !== latest.progress) bar.value = latest.progress;
    setText(done, ` ${percent(latest.progress)}`);
    setText(stage, doing(latest));
    stage.title = latest.state === 'FAILED' ? stage.textContent : ''; // long ones are cut
  } };
}

function doing(job) {
  if (job.state === 'FAILED') return job.error ?? '';
  if (job.state !== 'RUNNING') return '';
  const who = job.workers ? `on ${job.workers} worker${job.workers === 1 ? '' : 's'}` : 'waits for a worker';
  const eta = left(job.remaining, (Date.now() - job.seenAt) / 1000);
  return [job.stage ? `${job.stage} ${who}` : 'starts', eta].filter(Boolean).join(' · ');
}
