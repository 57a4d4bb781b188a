import { schema as loadSchema, submit } from './api.js';
import { el, setText } from './dom.js';
import { formFor, showProblems } from './form.js';
import { knownModel, predictedSize } from './predicted.js';
import { validate } from './validate.js';

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

/** A new job: as a form made from the schema, or as YAML or JSON text; both are checked before they are sent. */
export function submitView() {
  const place = el('div', {}, el('p', { class: 'soft' }, 'loading…'));
  const summary = el('div', { id: 'problems', role: 'alert' });
  const button = el('button', { class: 'primary', type: 'submit', disabled: true }, 'Submit');
  const kinds = ['form', 'text'].map((kind) => el('button', { type: 'button', 'aria-pressed': String(kind === 'form'), onclick: () => choose(kind) },
    kind === 'form' ? 'Form' : 'YAML or JSON'));
  const text = el('textarea', { id: 'request', spellcheck: 'false', 'aria-describedby': 'problems' });
  text.value = EXAMPLE;
  const asText = el('div', {}, el('label', { for: 'request' }, 'Pruning request, YAML or JSON'), text);
  const predicted = el('span', { class: 'soft', role: 'status', id: 'predicted' });
  const form = el('form', { novalidate: true, onsubmit: send, oninput: changed, onchange: changed }, place, summary, el('div', { class: 'toolbar' }, button, predicted));
  const view = el('section', { class: 'submit' }, el('h1', {}, 'New job'),
    el('p', { class: 'soft' }, 'Paths are those of the coordinator and its workers. ', el('a', { href: '/request.schema.json', target: '_blank' }, 'Schema')),
    el('div', { class: 'toolbar', role: 'group', 'aria-label': 'How to write it' }, kinds), form);
  let mode = 'form';
  let key = crypto.randomUUID();
  let schema = null;
  let fields = null;
  let tried = false;
  let model;
  let facts = null;

  loadSchema().then((found) => {
    schema = found;
    fields = formFor(schema);
    if (mode === 'form') place.replaceChildren(fields.node);
  }).catch((e) => place.replaceChildren(el('p', { class: 'bad', role: 'alert' }, e.message))).finally(() => { button.disabled = false; });

  function choose(kind) {
    mode = kind;
    kinds.forEach((b, i) => b.setAttribute('aria-pressed', String((i === 0) === (kind === 'form'))));
    place.replaceChildren(kind === 'form' ? fields?.node ?? '' : asText);
    tried = false;
    show([]);
    changed();
  }

  const body = () => (mode === 'form' ? [JSON.stringify(fields.read()), 'application/json'] : [text.value, 'application/yaml']);
  const known = () => (mode === 'form' && schema ? validate(fields.read(), schema, schema) : []);

  function changed() {
    key = crypto.randomUUID();
    if (tried) show(known());
    predict();
  }

  /** As far as an earlier job on the same model tells. */
  async function predict() {
    const request = mode === 'form' && fields ? fields.read() : {};
    if (request.model !== model) {
      model = request.model;
      facts = null;
      const found = model ? await knownModel(model) : null;
      if (model !== request.model) return;
      facts = found;
    }
    setText(predicted, facts ? predictedSize(mode === 'form' ? fields.read().target : null, facts) : '');
  }

  function show(problems) {
    const homeless = mode === 'form' ? showProblems(form, problems) : problems;
    summary.replaceChildren(...(homeless.length ? [el('div', { class: 'problems' }, homeless.map((p) => el('p', {}, p.line ? `line ${p.line}: ` : '', p.pointer ? el('code', {}, p.pointer) : null, ` ${p.detail}`)))] : []));
  }

  /** Only after a try to send: while one writes, the focus stays where it is. */
  function showAndGoThere(problems) {
    show(problems);
    form.querySelector('[aria-invalid]')?.focus();
  }

  async function send(event) {
    event.preventDefault();
    tried = true;
    const problems = known();
    showAndGoThere(problems);
    if (problems.length) return;
    button.disabled = true;
    try {
      const answer = await submit(...body(), key);
      location.hash = answer.id ? `#/jobs/${encodeURIComponent(answer.id)}` : '#/';
    } catch (error) {
      showAndGoThere(error.problems?.length ? error.problems : [{ detail: error.message }]);
    } finally {
      button.disabled = false;
    }
  }
  return { view, title: 'New job' };
}
