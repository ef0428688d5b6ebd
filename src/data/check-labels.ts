/** The part of the document check that concerns `labels`. */
import { isObject, wrongValue, type Check } from './check-context.ts';
import type { Label } from './document.ts';
import { NO_RELATION } from './relations.ts';
import { quote, show } from './problem.ts';

/**
 * The labels of `document`, without those that mean "no relation".
 *
 * @param sentences - number of sentences, when known
 * @param entities - number of entities, when known
 * @returns undefined when the document carries no labels
 */
export function checkLabels(
  document: Record<string, unknown>,
  sentences: number | undefined,
  entities: number | undefined,
  check: Check,
): readonly Label[] | undefined {
  const value = document['labels'];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    check.report('wrong-type', '$.labels', `Expected labels to be an array, got ${show(value)}`);
    return undefined;
  }
  const labels: Label[] = [];
  const facts = new Set<string>();
  for (let l = 0; l < value.length; l++) {
    const item: unknown = value[l];
    if (isObject(item) && typeof item['r'] === 'string' && check.noRelation?.includes(item['r'])) continue;
    const label = checkLabel(item, `$.labels[${l}]`, sentences, entities, check);
    if (label === undefined) continue;
    labels.push(label);
    if (check.warnings) warnOfLabel(label, `$.labels[${l}]`, facts, check);
  }
  return labels;
}

function checkLabel(
  value: unknown,
  path: string,
  sentences: number | undefined,
  entities: number | undefined,
  check: Check,
): Label | undefined {
  if (!isObject(value)) {
    check.report('wrong-type', path, `Expected a label to be an object, got ${show(value)}`);
    return undefined;
  }
  const { h, t, r } = value;
  const head = checkEnd(h, 'h', path, entities, check);
  const tail = checkEnd(t, 't', path, entities, check);
  if (typeof r !== 'string') {
    wrongValue(r, 'r', 'a relation id', path, check);
  } else if (check.relations !== undefined && !check.relations.has(r)) {
    const expected = `Expected r to be one of the ${check.relations.size} relations`;
    check.report('relation-unknown', `${path}.r`, `${expected}, got ${quote(r)}`);
  }
  const evidence = checkEvidence(value['evidence'], `${path}.evidence`, sentences, check);
  return head === undefined || tail === undefined || typeof r !== 'string'
    ? undefined
    : { h: head, t: tail, r, evidence };
}

function checkEnd(
  value: unknown,
  key: 'h' | 't',
  path: string,
  entities: number | undefined,
  check: Check,
): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    wrongValue(value, key, 'a whole number', path, check);
    return undefined;
  }
  if (entities === undefined || (value >= 0 && value < entities)) return value;
  const expected = `Expected ${key} to be at least 0 and below ${entities}, the number of entities`;
  check.report('label-entity', `${path}.${key}`, `${expected}, got ${value}`);
  return undefined;
}

/** Evidence without its nulls. */
function checkEvidence(
  value: unknown,
  path: string,
  sentences: number | undefined,
  check: Check,
): readonly number[] {
  if (value === undefined || value === null) {
    check.report('evidence-null', path, `Expected evidence to be an array, got ${show(value)}`);
    return [];
  }
  if (!Array.isArray(value)) {
    check.report('wrong-type', path, `Expected evidence to be an array, got ${show(value)}`);
    return [];
  }
  const evidence: number[] = [];
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    if (item === null) {
      check.report('evidence-null', `${path}[${i}]`, 'Expected evidence to be a sentence index, got null');
    } else if (typeof item !== 'number' || !Number.isInteger(item)) {
      check.report(
        'wrong-type',
        `${path}[${i}]`,
        `Expected evidence to be a sentence index, got ${show(item)}`,
      );
    } else {
      if (sentences !== undefined && !(item >= 0 && item < sentences)) {
        const expected = `Expected evidence to be at least 0 and below ${sentences}, the number of sentences`;
        check.report('evidence-range', `${path}[${i}]`, `${expected}, got ${item}`);
      }
      evidence.push(item);
    }
  }
  if (check.warnings && evidence.length > 1 && new Set(evidence).size < evidence.length) {
    check.report(
      'evidence-repeated',
      path,
      `Expected evidence to name a sentence once, got ${show(evidence)}`,
    );
  }
  return evidence;
}

function warnOfLabel(label: Label, path: string, facts: Set<string>, check: Check): void {
  const { h, t, r } = label;
  if (h === t) check.report('label-self', path, `Expected head and tail to differ, got h = t = ${h}`);
  if (r === NO_RELATION) {
    check.report('label-na', `${path}.r`, `Expected r to be a relation, got ${quote(r)}, which means none`);
  }
  const fact = `${h} ${t} ${r}`;
  if (facts.has(fact)) {
    const found = `got h = ${h}, t = ${t}, r = ${quote(r)} again`;
    check.report('label-repeated', path, `Expected a fact to be stated once in a document, ${found}`);
  }
  facts.add(fact);
}
