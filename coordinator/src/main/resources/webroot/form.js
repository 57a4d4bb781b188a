import { el } from './dom.js';
import { resolve } from './validate.js';

/**
 * A form made from the schema of the request. Every control stands for one key, named by its JSON pointer; what is left
 * empty is left out, and the default, shown in grey, holds.
 */
export function formFor(root) {
  let count = 0;

  /** @returns {{node, read}} read gives undefined for what was left empty */
  function control(schema, name, pointer, required) {
    const part = resolve(schema, root);
    const described = { ...part, ...schema };
    // What is laid over a part of the request is written like that part.
    if (part.type === 'object' && !part.properties && root.properties[name] && pointer !== `/${name}`) return control(root.properties[name], name, pointer);
    if (name === 'method') return methodControl(part, pointer);
    if (part.maxProperties === 1) return oneOf(part, name, pointer, required);
    if (part.type === 'boolean') return choice(described, name, pointer, ['true', 'false'], (text) => text === 'true');
    if (part.enum) return choice(described, name, pointer, part.enum, (text) => text, required);
    if (part.type === 'object' && !part.properties) return pairs(described, name, pointer);
    if ([part.type].flat().includes('object')) return group(described, name, pointer);
    if (part.type === 'array') return part.items.enum ? several(described, name, pointer) : list(described, name, pointer);
    return text(described, name, pointer, required);
  }

  function labelled(schema, name, pointer, input, required) {
    const id = `f${count += 1}`;
    const [description, error] = [`${id}-d`, `${id}-e`];
    input.id = id;
    input.dataset.pointer = pointer;
    input.setAttribute('aria-describedby', `${description} ${error}`);
    if (required) input.setAttribute('aria-required', 'true');
    return el('div', { class: 'field' }, el('label', { for: id }, name, required ? el('span', { class: 'soft' }, ' (needed)') : null), input,
      el('small', { id: description }, schema.description ?? ''), el('p', { class: 'wrong', id: error }));
  }

  function text(schema, name, pointer, required) {
    const kinds = [schema.type].flat();
    const numeric = kinds.includes('number') || kinds.includes('integer');
    const input = el('input', { type: 'text', inputmode: numeric && !kinds.includes('string') ? 'decimal' : undefined,
      placeholder: schema.default === undefined ? '' : String(schema.default), autocomplete: 'off', spellcheck: 'false' });
    return { node: labelled(schema, name, pointer, input, required), read() {
      const written = input.value.trim();
      if (!written) return undefined;
      return numeric && written !== '' && !Number.isNaN(Number(written)) ? Number(written) : written;
    } };
  }

  /** Keys of the user's own: {@code key=value, key=value}. */
  function pairs(schema, name, pointer) {
    const input = el('input', { type: 'text', placeholder: 'key=value, key=value', autocomplete: 'off', spellcheck: 'false' });
    return { node: labelled(schema, name, pointer, input), read() {
      const written = input.value.split(',').map((pair) => pair.trim()).filter(Boolean);
      return written.length ? Object.fromEntries(written.map((pair) => [pair.split('=')[0].trim(), pair.split('=').slice(1).join('=').trim()])) : undefined;
    } };
  }

  function choice(schema, name, pointer, values, convert, required) {
    const standard = schema.default === undefined ? (required ? 'choose' : 'not set') : `${schema.default} (default)`;
    const select = el('select', {}, el('option', { value: '' }, standard), values.map((v) => el('option', { value: v }, v)));
    return { node: labelled(schema, name, pointer, select, required), read: () => (select.value ? convert(select.value) : undefined), select };
  }

  function several(schema, name, pointer) {
    const boxes = schema.items.enum.map((value) => el('input', { type: 'checkbox', value }));
    schema.default?.forEach((value) => boxes.forEach((box) => { if (box.value === value) box.checked = true; }));
    const error = `f${count += 1}-e`;
    const node = el('fieldset', { class: 'field', 'data-pointer': pointer, 'aria-describedby': error }, el('legend', {}, name),
      boxes.map((box) => el('label', { class: 'check' }, box, ` ${box.value}`)), el('small', {}, schema.description ?? ''), el('p', { class: 'wrong', id: error }));
    return { node, read: () => boxes.filter((box) => box.checked).map((box) => box.value) };
  }

  function group(schema, name, pointer) {
    const parts = Object.entries(schema.properties).map(([key, part]) => [key, control(part, key, `${pointer}/${key}`, schema.required?.includes(key))]);
    const optional = [schema.type].flat().includes('null');
    const box = optional ? el('input', { type: 'checkbox' }) : null;
    const body = el('div', { class: 'fields' }, parts.map(([, c]) => c.node));
    const node = el('fieldset', { 'data-pointer': pointer, tabindex: '-1' }, el('legend', {}, box ? el('label', { class: 'check' }, box, ` ${name}`) : name),
      el('small', {}, schema.description ?? ''), el('p', { class: 'wrong' }), body);
    if (box) {
      body.hidden = true;
      box.addEventListener('change', () => { body.hidden = !box.checked; });
    }
    return { node, read() {
      if (box && !box.checked) return undefined;
      const value = {};
      for (const [key, c] of parts) {
        const read = c.read();
        if (read !== undefined) value[key] = read;
      }
      return Object.keys(value).length || box ? value : undefined;
    } };
  }

  /** Exactly one key: which, and its value. */
  function oneOf(schema, name, pointer, required) {
    const keys = Object.keys(schema.properties);
    const select = el('select', { id: `f${count += 1}` }, keys.map((key) => el('option', { value: key }, key)));
    const place = el('div');
    let chosen = null;
    const show = () => {
      chosen = control(schema.properties[select.value], select.value, `${pointer}/${select.value}`, required);
      place.replaceChildren(chosen.node);
    };
    select.addEventListener('change', show);
    show();
    return { node: el('fieldset', { 'data-pointer': pointer, tabindex: '-1' }, el('legend', {}, name), el('small', {}, schema.description), el('p', { class: 'wrong' }), el('div', { class: 'fields' }, el('div', { class: 'field' }, el('label', { for: select.id }, 'kind'), select), place)),
      read() { const value = chosen.read(); return value === undefined ? undefined : { [select.value]: value }; } };
  }

  /** The name decides which options there are. */
  function methodControl(schema, pointer) {
    const name = choice(schema.properties.name, 'name', `${pointer}/name`, schema.properties.name.enum, (v) => v, true);
    const place = el('div', { class: 'fields' });
    const about = el('small');
    let options = [];
    name.select.addEventListener('change', () => {
      const chosen = root.$defs[name.select.value];
      about.textContent = chosen ? `${chosen.description} ${chosen['x-paper']}` : '';
      options = chosen ? Object.entries(chosen.properties).filter(([key]) => key !== 'name').map(([key, part]) => [key, control(part, key, `${pointer}/${key}`)]) : [];
      place.replaceChildren(...options.map(([, c]) => c.node));
    });
    const node = el('fieldset', { 'data-pointer': pointer, tabindex: '-1' }, el('legend', {}, 'method'), el('p', { class: 'wrong' }), name.node, about,
      el('details', {}, el('summary', {}, 'options'), place));
    return { node, read() {
      const value = {};
      const chosen = name.read();
      if (chosen !== undefined) value.name = chosen;
      for (const [key, c] of options) {
        const read = c.read();
        if (read !== undefined) value[key] = read;
      }
      return Object.keys(value).length ? value : undefined;
    } };
  }

  function list(schema, name, pointer) {
    const items = [];
    const place = el('div');
    const one = name.replace(/s$/, '');
    const draw = () => place.replaceChildren(...items.map((item, i) => {
      item.control.node.querySelectorAll('[data-pointer]').forEach((node) => { node.dataset.pointer = node.dataset.pointer.replace(`${pointer}/${item.place}`, `${pointer}/${i}`); });
      item.control.node.dataset.pointer = `${pointer}/${i}`;
      item.control.node.querySelector('legend').textContent = `${one} ${i + 1}`;
      item.place = i;
      return el('div', { class: 'item' }, item.control.node, el('button', { type: 'button', onclick: () => { items.splice(items.indexOf(item), 1); draw(); node.dispatchEvent(new Event('input', { bubbles: true })); } }, `remove ${one} ${i + 1}`));
    }));
    const add = el('button', { type: 'button', onclick: () => {
      items.push({ place: items.length, control: group(resolve(schema.items, root), one, `${pointer}/${items.length}`) });
      draw();
      place.lastElementChild.querySelector('input, select').focus();
    } }, `add ${one}`);
    const node = el('fieldset', { 'data-pointer': pointer, tabindex: '-1' }, el('legend', {}, name), el('small', {}, schema.description ?? ''), el('p', { class: 'wrong' }), place, add);
    return { node, read: () => (items.length ? items.map((item) => item.control.read() ?? {}) : undefined) };
  }

  const shown = Object.entries(root.properties).filter(([key]) => key !== 'sweep');
  const parts = shown.map(([key, part]) => [key, control(part, key, `/${key}`, ['model', 'method', 'target'].includes(key))]);
  const first = ['name', 'model', 'method', 'target', 'calibration', 'output'];
  const large = ([, c]) => c.node.matches('fieldset');
  const rest = parts.filter(([key]) => !first.includes(key));
  const node = el('div', {}, parts.filter(([key]) => first.includes(key)).map(([, c]) => c.node),
    rest.filter(large).map(([key, c]) => folded(key, firstSentence(resolve(root.properties[key], root).description), c.node)),
    el('details', {}, el('summary', {}, 'more'), el('div', { class: 'fields' }, rest.filter((part) => !large(part)).map(([, c]) => c.node))));
  return { node, read() {
    const value = {};
    for (const [key, c] of parts) {
      const read = c.read();
      if (read !== undefined) value[key] = read;
    }
    return value;
  } };
}

/** Name and description stand in the summary already: seen twice they are a riddle. */
function folded(name, about, fieldset) {
  const legend = fieldset.querySelector(':scope > legend');
  const description = fieldset.querySelector(':scope > small');
  if (!legend.querySelector('input')) legend.classList.add('unseen');
  if (description.textContent === about) description.classList.add('unseen');
  return el('details', {}, el('summary', {}, name, el('span', { class: 'soft' }, ` ${about}`)), fieldset);
}

const firstSentence = (text = '') => text.split(/(?<=[.;:])\s/)[0].replace(/[;:]$/, '.');

/** Writes each problem at its key, or at the nearest one above it; returns those that have no place. */
export function showProblems(form, problems) {
  form.querySelectorAll('.wrong').forEach((p) => { p.textContent = ''; });
  form.querySelectorAll('[aria-invalid]').forEach((input) => input.removeAttribute('aria-invalid'));
  const places = [...form.querySelectorAll('[data-pointer]')];
  const homeless = [];
  for (const problem of problems) {
    const home = nearest(places, problem.pointer ?? '');
    if (!home) { homeless.push(problem); continue; }
    const at = problem.pointer === home.dataset.pointer ? '' : `${problem.pointer.slice(home.dataset.pointer.length + 1)}: `;
    const wrong = (home.matches('fieldset') ? home : home.parentElement).querySelector('.wrong');
    wrong.textContent += `${wrong.textContent ? ' ' : ''}${at}${problem.detail}`;
    if (home.matches('input, select')) home.setAttribute('aria-invalid', 'true');
    for (let details = home.closest('details'); details; details = details.parentElement.closest('details')) details.open = true;
  }
  return homeless;
}

function nearest(places, pointer) {
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf('/'))) {
    const home = places.find((place) => place.dataset.pointer === at);
    if (home) return home;
  }
  return null;
}
