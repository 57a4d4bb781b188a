/** The coordinator's HTTP interface: one function per route, errors as {@link ProblemError}. */

export class ProblemError extends Error {
  constructor(problem, status) {
    super(problem.detail ?? problem.title ?? `the coordinator answered ${status}`);
    this.problems = problem.errors ?? [];
    this.status = status;
  }
}

async function call(method, path, body, headers = {}) {
  const response = await fetch(path, { method, body, headers: { Accept: 'application/json', ...headers } });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) throw new ProblemError(answer, response.status);
  return answer;
}

export const jobs = (after) => call('GET', `/api/v1/jobs?limit=200${after ? `&after=${encodeURIComponent(after)}` : ''}`);
export const job = (id) => call('GET', `/api/v1/jobs/${encodeURIComponent(id)}`);
export const command = (id, name) => call('POST', `/api/v1/jobs/${encodeURIComponent(id)}/${name}`);
export const schema = () => call('GET', '/request.schema.json');

/** @param key repeating the same click must not start a second job */
export const submit = (yaml, key) =>
  call('POST', '/api/v1/jobs', yaml, { 'Content-Type': 'application/yaml', 'Idempotency-Key': key });

/** Calls back with every job snapshot as it changes; reconnects by itself. */
export function follow(onJob, onConnection) {
  const source = new EventSource('/api/v1/events');
  source.onopen = () => onConnection(true);
  source.onerror = () => onConnection(false);
  for (const type of ['message', 'job']) source.addEventListener(type, (event) => onJob(JSON.parse(event.data)));
  return source;
}
