/**
 * Checks a value against the part of JSON Schema that request.schema.json uses. The coordinator has the last word; this
 * tells at once what it would say anyway.
 *
 * @returns {{pointer: string, detail: string}[]}
 */
export function validate(value, schema, root, pointer = '') {
  const found = [];
  const say = (detail, at = pointer) => found.push({ pointer: at, detail });
  const inside = (part, partSchema, at) => found.push(...validate(part, partSchema, root, at));

  if (schema.$ref) return validate(value, resolve(schema, root), root, pointer);
  if (schema.type && !types(schema).some((type) => isOf(value, type))) {
    say(`must be ${types(schema).map((t) => NAMES[t]).join(' or ')}`);
    return found;
  }
  if ('const' in schema && value !== schema.const) say(`must be ${schema.const}`);
  if (schema.enum && !schema.enum.includes(value)) say(`must be one of ${schema.enum.join(', ')}`);
  if (typeof value === 'number') checkNumber(value, schema, say);
  if (typeof value === 'string') checkString(value, schema, say);
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) say(`needs at least ${schema.minItems}`);
    if (value.length > (schema.maxItems ?? Infinity)) say(`has more than ${schema.maxItems}`);
    if (schema.items) value.forEach((item, i) => inside(item, schema.items, `${pointer}/${i}`));
  } else if (isOf(value, 'object')) {
    for (const key of schema.required ?? []) if (!(key in value)) say('is required', `${pointer}/${key}`);
    if (Object.keys(value).length < (schema.minProperties ?? 0)) say('needs a value');
    if (Object.keys(value).length > (schema.maxProperties ?? Infinity)) say('takes one key only');
    for (const [key, part] of Object.entries(value)) {
      if (schema.properties?.[key]) inside(part, schema.properties[key], `${pointer}/${key}`);
      else if (schema.additionalProperties === false) say('is not a known key', `${pointer}/${key}`);
      else if (schema.additionalProperties) inside(part, schema.additionalProperties, `${pointer}/${key}`);
      if (schema.propertyNames && validate(key, schema.propertyNames, root).length) say(`cannot be called '${key}'`);
    }
  }
  for (const part of schema.allOf ?? []) inside(value, part, pointer);
  if (schema.not && !validate(value, schema.not, root).length) say('is not allowed');
  if (schema.if) {
    const branch = validate(value, schema.if, root).length ? schema.else : schema.then;
    if (branch) inside(value, branch, pointer);
  }
  return found;
}

const NAMES = { object: 'an object', array: 'a list', string: 'text', number: 'a number', integer: 'a whole number', boolean: 'true or false', null: 'empty' };
const types = (schema) => [schema.type].flat();

/** Follows {@code #/$defs/name}. */
export function resolve(schema, root) {
  return schema.$ref ? resolve(schema.$ref.slice(2).split('/').reduce((part, key) => part[key], root), root) : schema;
}

function isOf(value, type) {
  switch (type) {
    case 'null': return value === null;
    case 'array': return Array.isArray(value);
    case 'object': return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer': return Number.isInteger(value);
    default: return typeof value === type;
  }
}

function checkNumber(value, schema, say) {
  if (value < schema.minimum) say(`must be at least ${schema.minimum}`);
  if (value > schema.maximum) say(`must be at most ${schema.maximum}`);
  if (value <= schema.exclusiveMinimum) say(`must be more than ${schema.exclusiveMinimum}`);
  if (value >= schema.exclusiveMaximum) say(`must be less than ${schema.exclusiveMaximum}`);
}

function checkString(value, schema, say) {
  if (value.length < (schema.minLength ?? 0)) say('must not be empty');
  if (value.length > (schema.maxLength ?? Infinity)) say(`has more than ${schema.maxLength} characters`);
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) say('is not written as it should be: see the description');
}
