import { command, followJob, job as load, remove, reportAddress, sections } from './api.js';
import { clock, el, left, number, percent, replaceChanged, setText } from './dom.js';
import { stageGraph } from './stages.js';
import { store } from './store.js';
import { traces } from './trace.js';

const COMMANDS = {
  pause: (job) => job.state === 'RUNNING',
  resume: (job) => job.state === 'PAUSED',
  retry: (job) => job.state === 'FAILED' || job.state === 'CANCELLED',
  cancel: (job) => job.state === 'RUNNING' || job.state === 'PAUSED',
  delete: (job) => Boolean(job.endedAt),
};
const CANNOT_BE_UNDONE = {
  cancel: 'Cancel this job? What its workers are at is lost; a retry begins with the stage that was running.',
  delete: 'Delete this job? It is forgotten, and artifacts that no other job needs are collected. The result folder stays.',
};
const SECTIONS_MILLIS = 1500;

/** One job: stages as they run, who works on it, results as they come, and what one can do with it. */
export function detailView(id, notice, settings) {
  let job = null;
  let seenAt = 0;
  const heading = el('h1', {}, id);
  const state = el('strong', {});
  const bar = el('progress', { max: 1, value: 0, 'aria-label': 'progress of the job' });
  const lead = el('span', { class: 'soft' });
  const eta = el('p', { class: 'eta', role: 'status' });
  const buttons = Object.keys(COMMANDS).map((name) => el('button', { type: 'button', disabled: true, onclick: () => run(name) }, name));
  const links = el('span', { class: 'links' });
  const error = el('div');
  const graph = stageGraph();
  const trace = traces();
  const work = el('div');
  const results = el('div', { class: 'report' });
  const log = el('ol', { class: 'log', tabindex: '0', 'aria-label': 'Events, latest first' });
  const found = el('div', {}, el('p', { class: 'lead' }, state, ' ', bar, ' ', lead), eta,
    el('div', { class: 'toolbar' }, buttons, links), error,
    el('h2', {}, 'Stages'), graph.view, work, trace.view, results, el('h2', {}, 'Events'), log);
  const view = el('section', {}, heading, found);
  const loadSections = sectionLoader(id, results);

  async function run(name) {
    if (CANNOT_BE_UNDONE[name] && !(await confirmed(CANNOT_BE_UNDONE[name], name))) return;
    buttons.forEach((button) => { button.disabled = true; });
    try {
      if (name === 'delete') {
        await remove(id);
        location.hash = '#/';
        return;
      }
      take(await command(id, name));
      follow();
    } catch (e) {
      notice(e.message);
      render();
    }
  }

  function take(latest) {
    if (job && latest.revision < job.revision) return;
    job = latest;
    seenAt = Date.now();
    trace.take(job);
    render();
    loadSections(job);
  }

  let stop = () => {};
  function follow() {
    stop();
    stop = followJob(id, take, () => notice('This job was deleted.'));
  }
  /** What stands in the place of a job that is not there. */
  let absent = null;
  let asked = false;
  function open() {
    if (asked) return;
    asked = true;
    load(id).then((answer) => { absent?.replaceWith(found); absent = null; take(answer); follow(); }, (e) => {
      const told = missing(e);
      (absent ?? found).replaceWith(told);
      absent = told;
      asked = false;
    });
  }
  open();
  const tick = setInterval(() => { if (job && !job.endedAt) setText(eta, remaining()); }, 1000);

  function remaining() {
    if (job.state !== 'RUNNING') return '';
    const range = left(job.estimate?.remaining, (Date.now() - seenAt) / 1000);
    return range || (job.estimate ? 'How long it will take is not known yet: nothing like it has been measured.' : '');
  }

  function render() {
    if (!job) return;
    setText(heading, job.name ?? job.id);
    state.className = `state state-${job.state}`;
    setText(state, job.state.toLowerCase());
    bar.value = job.progress;
    setText(lead, `${percent(job.progress)} · ${job.request.method.name} · job ${job.id}`);
    setText(eta, remaining());
    buttons.forEach((button) => { button.hidden = button.textContent === 'delete' && !job.endedAt; button.disabled = !COMMANDS[button.textContent](job); });
    replaceChanged(links, [
      el('a', { href: reportAddress(id), target: '_blank' }, 'report'),
      ...(settings.grafana ? [el('a', { href: dashboard(settings.grafana, job), target: '_blank' }, 'dashboard')] : []),
    ]);
    replaceChanged(error, job.error ? [problem(job.error)] : []);
    graph.update(job, (Date.now() - seenAt) / 1000);
    replaceChanged(work, attempts(job));
    replaceChanged(log, [...job.timeline].reverse().map((m) => el('li', {}, el('time', { datetime: m.at }, clock(m.at)), ` ${m.message}`)));
  }
  /** Whatever job changed: this one may have been submitted a moment after its page was opened. */
  function appear() {
    if (absent && store.has(id)) open();
  }
  return { view, render: appear, title: id, close() { stop(); clearInterval(tick); } };
}

/** The dashboard of one job over the time it took. */
function dashboard(grafana, job) {
  const from = Date.parse(job.submittedAt) - 60_000;
  const to = job.endedAt ? Date.parse(job.endedAt) + 60_000 : 'now';
  return `${grafana}/d/espalier-job?${new URLSearchParams({ 'var-job': job.id, from, to })}`;
}

function missing(error) {
  return el('div', {}, el('p', { class: 'bad', role: 'alert' }, error.message), el('p', {}, el('a', { href: '#/' }, 'All jobs')));
}

function problem(error) {
  return el('div', { class: 'problems', role: 'alert' }, el('strong', {}, error.stage ? `${error.stage} failed: ` : 'Failed: '), error.message,
    error.detail ? el('details', {}, el('summary', {}, 'detail for operators'), el('pre', { tabindex: '0' }, error.detail)) : null);
}

function attempts(job) {
  if (job.endedAt) return [];
  const running = job.stages.flatMap((s) => s.running.map((a) => ({ stage: s.stage, ...a })));
  if (!running.length) return [];
  return [el('h2', {}, 'At work'), el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'At work' }, el('table', {},
    el('thead', {}, el('tr', {}, ['worker', 'stage', 'attempt', 'progress', 'tokens/s', 'says'].map((h) => el('th', { scope: 'col', class: h === 'tokens/s' && 'number' }, h)))),
    el('tbody', {}, running.map((a) => {
      const seconds = (Date.parse(job.updatedAt) - Date.parse(a.startedAt)) / 1000;
      return el('tr', {}, el('th', { scope: 'row' }, a.worker), el('td', {}, a.stage), el('td', {}, a.attempt),
        el('td', {}, el('progress', { max: 1, value: a.progress, 'aria-label': `progress of ${a.task}` }), ` ${percent(a.progress)}`),
        el('td', { class: 'number' }, seconds > 0 && a.tokens ? number(Math.round(a.tokens / seconds)) : ''), el('td', { class: 'wide soft' }, a.message ?? ''));
    }))))];
}

/** Tables and pictures come from the server, the same as in report.html; asked for only when something in them changed. */
function sectionLoader(id, results) {
  let shown = '';
  let timer = null;
  const cards = new Map();

  let ended = false;

  async function fetchAndShow() {
    timer = null;
    const found = await sections(id).catch(() => []);
    const parser = new DOMParser();
    // Until it has ended, the stages above tell where the time goes.
    const nodes = found.filter((s) => s.id !== 'time' || ended).map((s) => {
      const known = cards.get(s.id);
      if (known?.html === s.html) return known.node;
      const content = [...parser.parseFromString(s.html, 'text/html').body.childNodes];
      const node = s.id === 'request'
        ? el('details', { id: s.id }, el('summary', {}, 'Request as accepted'), content)
        : el('section', { id: s.id }, el('h2', {}, s.title), content);
      cards.set(s.id, { html: s.html, node });
      return node;
    });
    if (nodes.length !== results.children.length || nodes.some((node, i) => node !== results.children[i])) results.replaceChildren(...nodes);
  }
  return (job) => {
    const key = JSON.stringify([job.state, job.plan?.achieved, job.planArtifact?.sha256, job.models, job.search?.generations.length, job.recovery?.losses?.length, job.environment]);
    if (key === shown) return;
    shown = key;
    ended = Boolean(job.endedAt);
    timer ??= setTimeout(fetchAndShow, results.children.length && !job.endedAt ? SECTIONS_MILLIS : 0);
  };
}

/** Asks before what cannot be undone. */
function confirmed(question, verb) {
  return new Promise((resolve) => {
    const dialog = el('dialog', { 'aria-label': question }, el('p', {}, question),
      el('form', { method: 'dialog', class: 'toolbar' },
        el('button', { value: 'no' }, 'No'), el('button', { value: 'yes', class: 'primary' }, `Yes, ${verb}`)));
    dialog.addEventListener('close', () => { dialog.remove(); resolve(dialog.returnValue === 'yes'); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
