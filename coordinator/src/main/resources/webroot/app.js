import { follow, jobs } from './api.js';
import { detailView } from './detail.js';
import { listView } from './list.js';
import { submitView } from './submit.js';

/** Latest snapshot of every job, by id. Views read it; only events and loads write it. */
const store = new Map();
const main = document.getElementById('main');
const noticeBox = document.getElementById('notice');
let current = null;
let scheduled = false;

function notice(message) {
  noticeBox.textContent = message;
  setTimeout(() => { if (noticeBox.textContent === message) noticeBox.textContent = ''; }, 6000);
}

function route() {
  const [, page, id] = location.hash.split('/');
  current = page === 'jobs' && id ? detailView(store, decodeURIComponent(id), notice)
    : page === 'submit' ? submitView() : listView(store);
  document.title = `${current.title} – Espalier`;
  main.replaceChildren(current.view);
  current.render();
  main.focus();
}

/** Many events, one drawing per frame at most. */
function changed() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => { scheduled = false; current.render(); });
}

function take(job) {
  const known = store.get(job.id);
  if (!known || known.revision < job.revision) { store.set(job.id, job); changed(); }
}

async function loadAll() {
  for (let after; ;) {
    const answer = await jobs(after);
    answer.jobs.forEach(take);
    after = answer.next;
    if (!after) return;
  }
}

window.addEventListener('hashchange', route);
route();
follow(take, (connected) => { document.getElementById('connection').textContent = connected ? 'live' : 'reconnecting…'; if (connected) loadAll().catch((e) => notice(e.message)); });
