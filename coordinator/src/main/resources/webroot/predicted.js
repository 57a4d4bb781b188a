import { job as load } from './api.js';
import { bytes, scaled } from './dom.js';
import { store } from './store.js';

const UNITS = { K: 1e3, M: 1e6, G: 1e9, B: 1e9, T: 1e12, KI: 2 ** 10, MI: 2 ** 20, GI: 2 ** 30, TI: 2 ** 40 };

/** What an earlier job found out about a model, by its place; null where none has. */
export async function knownModel(model) {
  const jobs = [...store.values()].filter((job) => job.model === model).sort((a, b) => (a.submittedAt < b.submittedAt ? 1 : -1));
  for (const { id } of jobs.slice(0, 3)) {
    const found = await load(id).catch(() => null);
    if (found?.facts) return found.facts;
  }
  return null;
}

/** How large the result of a request becomes, for people; what units of a model can be removed exactly only PREPARE knows. */
export function predictedSize(target, facts) {
  const share = target && keptShare(target, facts);
  if (!share || share > 1) return '';
  return `Predicted size: about ${scaled(facts.parameters * share)} of ${scaled(facts.parameters)} parameters, ${bytes(facts.bytes * share)} of ${bytes(facts.bytes)}`;
}

function keptShare(target, facts) {
  if (typeof target.parameters === 'number') return target.parameters;
  if (target.count) return quantity(target.count) / facts.parameters;
  if (target.bytes) return quantity(String(target.bytes).replace(/B$/, '')) / facts.bytes;
  return null;
}

/** {@code 5400000000}, {@code 5.4B}, {@code 12Gi}; NaN for anything else. */
function quantity(written) {
  const [, number, unit] = /^([\d.]+) ?([KMGTB]?I?)$/i.exec(String(written)) ?? [];
  return Number(number) * (unit ? UNITS[unit.toUpperCase()] : 1);
}
