import { followAll, summaries } from './api.js';

/** Latest line about every job, by id, with the moment at which it came. Views read it; only events and loads write it. */
export const store = new Map();
const listeners = new Set();
let scheduled = false;

/** Calls back after changes, at most once per frame; returns what stops it. */
export function onStoreChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => { scheduled = false; listeners.forEach((listener) => listener()); });
}

/** An older state may come after a newer one: a list is answered while events go on. */
function take(job) {
  const known = store.get(job.id);
  if (known && known.revision > job.revision) return;
  job.seenAt = Date.now();
  store.set(job.id, job);
  changed();
}

async function loadAll(states) {
  await summaries((page) => page.forEach(take), states);
}

const REFRESH_MILLIS = 15_000;

/** Opens the stream first and lists then, so that nothing is missed in between. */
export function followStore({ onConnection, onError }) {
  followAll({
    onChange: take,
    onDeleted: (id) => { store.delete(id); changed(); },
    onConnection: (connected) => {
      onConnection(connected);
      if (connected) loadAll().catch(onError);
    },
  });
  // What waits in the queue does not change, but its estimate does.
  setInterval(() => { if (!document.hidden) loadAll('running,paused').catch(() => {}); }, REFRESH_MILLIS);
}
