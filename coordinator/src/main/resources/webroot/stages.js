import { about, bytes, duration, el, left, replaceChanged, scaled } from './dom.js';

const MOST_DOTS = 60;

/** The stages of a job in their order, each with its tasks as they run. */
export function stageGraph() {
  const cards = el('ol', { class: 'stages' });
  const notes = el('ul', { class: 'notes' });
  return { view: el('div', {}, cards, notes), update(job, age) {
    replaceChanged(cards, job.stages.map((stage) => card(stage, job, age)));
    replaceChanged(notes, job.stages.filter((stage) => stage.note).map((stage) => el('li', {}, `${title(stage)}: ${stage.note}`)));
  } };
}

function card(stage, job, age) {
  const estimate = job.state === 'RUNNING' && job.estimate?.stages.find((e) => e.stage === stage.stage && e.step === stage.step);
  const name = title(stage);
  // A stage that was broken off stays open: the job's state tells why nobody works on it.
  const stopped = stage.state === 'RUNNING' && STOPPED[job.state];
  return el('li', { 'data-state': stopped ? job.state : stage.state },
    el('strong', {}, name), el('span', { class: 'word' }, stopped || WORDS[stage.state]),
    dots(stage),
    el('progress', { max: 1, value: stage.state === 'DONE' ? 1 : stage.progress, 'aria-label': `progress of ${name}` }),
    lines(stage, estimate || null, age).map((text) => el('small', {}, text)));
}

const title = (stage) => stage.stage + (stage.step > 1 ? ` ${stage.step}` : '');

const STOPPED = { FAILED: 'failed', CANCELLED: 'cancelled', PAUSED: 'paused' };
const WORDS = { WAITING: 'waits', RUNNING: 'runs', DONE: 'done' };

function lines(stage, estimate, age) {
  if (stage.state === 'WAITING') return estimate?.remaining ? [about(estimate.remaining)] : [];
  const rate = stage.tokens && stage.busySeconds ? `${scaled(stage.tokens / stage.busySeconds)} tokens/s` : '';
  const memory = stage.peakMemoryBytes ? `peak ${bytes(stage.peakMemoryBytes)}` : '';
  const figures = [rate, memory].filter(Boolean);
  if (stage.state === 'DONE') return [`${duration(stage.wallSeconds)}${stage.fromCache ? ', from cache' : ''}`, ...waited(stage), ...figures];
  const round = stage.round > 1 ? `round ${Math.ceil((stage.round + 1) / 2)}, ` : '';
  const again = stage.attempts > stage.tasks ? `, ${stage.attempts} attempts` : '';
  return [`${round}${stage.done} of ${stage.tasks} tasks${again}`, ...(estimate?.remaining ? [left(estimate.remaining, age)] : []), ...figures];
}

/** Of a single task that stood in the queue for longer than it took: otherwise the stage looks slow. */
function waited(stage) {
  return stage.tasks === 1 && stage.queuedSeconds > Math.max(1, stage.busySeconds) ? [`${duration(stage.queuedSeconds)} of it in the queue`] : [];
}

/** One mark per task; the words below say the same. */
function dots(stage) {
  if (stage.tasks < 2 || stage.tasks > MOST_DOTS) return null;
  const kind = (i) => (i < stage.done ? 'done' : i < stage.done + stage.running.length ? 'running' : 'waiting');
  return el('span', { class: 'dots', 'aria-hidden': 'true' }, Array.from({ length: stage.tasks }, (_, i) => el('i', { class: kind(i) })));
}
