/** The coordinator's HTTP interface: one function per route, errors as {@link ProblemError}. */

export class ProblemError extends Error {
  constructor(problem, status) {
    super(problem.detail ?? problem.title ?? `the coordinator answered ${status}`);
    this.problems = problem.errors ?? [];
    this.status = status;
  }
}

async function call(method, path, body, headers = {}) {
  let response;
  try {
    response = await fetch(path, { method, body, headers: { Accept: 'application/json', ...headers } });
  } catch {
    throw new ProblemError({ detail: 'the coordinator does not answer' }, 0);
  }
  const text = await response.text();
  let answer;
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    throw new ProblemError({}, response.status);
  }
  if (!response.ok) throw new ProblemError(answer, response.status);
  return answer;
}

const jobPath = (id) => `/api/v1/jobs/${encodeURIComponent(id)}`;

/** Lines about all jobs, or those in some states, page by page. */
export async function summaries(onPage, states) {
  for (let after; ;) {
    const query = new URLSearchParams({ view: 'summary', limit: 500, ...(states && { state: states }), ...(after && { after }) });
    const answer = await call('GET', `/api/v1/jobs?${query}`);
    onPage(answer.jobs);
    after = answer.next;
    if (!after) return;
  }
}

export const job = (id) => call('GET', jobPath(id));
export const sections = (id) => call('GET', `${jobPath(id)}/sections`);
export const command = (id, name) => call('POST', `${jobPath(id)}/${name}`);
export const remove = (id) => call('DELETE', jobPath(id));
export const schema = () => call('GET', '/request.schema.json');
export const openSession = (token) => call('POST', '/api/v1/session', undefined, { Authorization: `Bearer ${token}` });
export const about = () => call('GET', '/api/v1/about');
export const reportAddress = (id) => `${jobPath(id)}/report`;
export const comparisonAddress = (ids) => `/api/v1/comparison?${new URLSearchParams(ids.map((id) => ['job', id]))}`;

/** @param key repeating the same click must not start a second job */
export const submit = (text, type, key) => call('POST', '/api/v1/jobs', text, { 'Content-Type': type, 'Idempotency-Key': key });

/** A line about every job that changes from now on; reconnects by itself. */
export function followAll({ onChange, onDeleted, onConnection }) {
  const source = new EventSource('/api/v1/events?view=summary');
  source.onopen = () => onConnection(true);
  source.onerror = () => onConnection(false);
  source.addEventListener('summary', (event) => onChange(JSON.parse(event.data)));
  source.addEventListener('deleted', (event) => onDeleted(JSON.parse(event.data).id));
  return source;
}

/** One job in full, to its end. Returns what stops it. */
export function followJob(id, onChange, onDeleted) {
  const source = new EventSource(`${jobPath(id)}/events`);
  source.addEventListener('job', (event) => {
    const latest = JSON.parse(event.data);
    if (latest.endedAt) source.close(); // otherwise it would be opened again and again
    onChange(latest);
  });
  source.addEventListener('deleted', () => { source.close(); onDeleted(); });
  return () => source.close();
}
