import { schema, submit } from './api.js';
import { el } from './dom.js';

const EXAMPLE = `name: my-model-80
model: /path/to/a/huggingface/checkpoint
method:
  name: llm-pruner
target:
  parameters: 0.8
calibration: { text: /path/to/text, samples: 10, length: 64 }
evaluation:
  perplexity: [ { name: valid, text: /path/to/text, length: 128 } ]
  cost: true
output: { location: /path/to/result }
`;

/** The form: the request as YAML; what is wrong comes back with the path of the key. */
export function submitView() {
  const text = el('textarea', { id: 'request', spellcheck: 'false', 'aria-describedby': 'problems' });
  text.value = EXAMPLE;
  const problems = el('div', { id: 'problems', role: 'alert' });
  const button = el('button', { class: 'primary', type: 'submit' }, 'Submit');
  const methods = el('div', { class: 'soft' });
  let key = crypto.randomUUID();
  text.addEventListener('input', () => { key = crypto.randomUUID(); });

  async function send(event) {
    event.preventDefault();
    button.disabled = true;
    problems.replaceChildren();
    try {
      const answer = await submit(text.value, key);
      location.hash = answer.id ? `#/jobs/${answer.id}` : '#/';
    } catch (error) {
      const list = error.problems?.length ? error.problems : [{ detail: error.message }];
      problems.replaceChildren(el('div', { class: 'problems' }, list.map((p) => el('p', {}, p.pointer ? el('code', {}, p.pointer) : null, ` ${p.detail ?? p.message}`))));
    } finally {
      button.disabled = false;
    }
  }
  schema().then((s) => {
    methods.replaceChildren(el('a', { href: '/request.schema.json', target: '_blank' }, s.title ?? 'schema of the request'));
  }, () => {});
  const view = el('section', {}, el('h1', {}, 'New job'),
    el('form', { onsubmit: send }, el('p', {}, el('label', { for: 'request' }, 'Pruning request, YAML or JSON. Paths are those of the coordinator and its workers. ')), methods, text, problems,
      el('div', { class: 'toolbar' }, button)));
  return { view, render() {}, title: 'New job' };
}
