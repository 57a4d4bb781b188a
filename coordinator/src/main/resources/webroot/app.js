import { about } from './api.js';
import { detailView } from './detail.js';
import { setText } from './dom.js';
import { listView } from './list.js';
import { signIn } from './signin.js';
import { followStore, onStoreChange } from './store.js';
import { submitView } from './submit.js';

const main = document.getElementById('main');
const noticeBox = document.getElementById('notice');
let current = null;
export const settings = {};

/** Something went wrong that belongs to no place on the page. */
function notice(message) {
  setText(noticeBox, message);
  setTimeout(() => { if (noticeBox.textContent === message) setText(noticeBox, ''); }, 8000);
}

function route() {
  const [, page, id] = location.hash.split('/');
  current?.close?.();
  current = page === 'jobs' && id ? detailView(decodeURIComponent(id), notice, settings)
    : page === 'submit' ? submitView() : listView();
  document.title = `${current.title} – Espalier`;
  const here = page === 'submit' ? '#/submit' : '#/';
  document.querySelectorAll('header nav a').forEach((a) => {
    if (a.getAttribute('href') === here) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  });
  main.replaceChildren(current.view);
  current.render?.();
}

window.addEventListener('hashchange', () => {
  route();
  // Who came by a link goes on from the new content; at first the page begins at its beginning.
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});

/** Where the coordinator wants to know who asks, nothing can be shown before. */
async function start() {
  try {
    Object.assign(settings, await about());
  } catch (error) {
    if (error.status === 401) { await signIn(); return start(); }
    notice(error.message);
  }
  const link = document.getElementById('grafana');
  if (settings.grafana) { link.href = settings.grafana; link.hidden = false; }
  route();
  onStoreChange(() => current.render?.());
  followStore({
    onConnection: (connected) => setText(document.getElementById('connection'), connected ? 'live' : 'connection lost, trying again…'),
    onError: (error) => notice(error.message),
  });
}
start();
