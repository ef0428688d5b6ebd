/** Why the numbers here and in the paper differ: computed from the data and the runs, so that it says what is so. */
import type { Comparison } from './comparison.ts';
import { list, percent, shortened, whole } from './numbers.ts';
import { table1 } from './paper.ts';
import { encoderText, rowsOf } from './rows.ts';

/** Rows that a sentence names before it counts the rest. */
const NAMED = 8;

export interface Difference {
  readonly what: string;
  readonly why: string;
}

export function differences(comparison: Comparison): Difference[] {
  return [
    ...comparison.data.map((set) => dataDifference(set, comparison.bootstraps.length > 0)),
    ...(comparison.data.some(({ role }) => role === 'test') ? [] : [noTest]),
    facts(comparison),
    ...words(comparison),
    ...encoders(comparison),
    ...modesUsed(comparison),
    ...training(comparison),
    ...seeds(comparison),
    threshold,
    ...areas(comparison),
  ];
}

function dataDifference(set: Comparison['data'][number], hasIntervals: boolean): Difference {
  const paper = table1[set.role];
  const paperLabels = paper.instances ?? 0;
  const file = shortened(set.file, 48);
  const same = set.documents === paper.documents;
  const size = same
    ? `${file} has the paper's ${whole(paper.documents)} documents`
    : `${file} has ${whole(set.documents)} documents; the paper's has ${whole(paper.documents)} (${percent(set.documents / paper.documents)})`;
  const labels =
    set.instances === null
      ? ', and no labels'
      : `, and ${whole(set.instances)} label entries of ${whole(paperLabels)}${same ? '' : ` (${percent(set.instances / paperLabels)})`}`;
  return { what: `Documents to ${purposes[set.role]}`, why: `${size}${labels}.${remark(set, hasIntervals)}` };
}

const purposes = { train: 'train on', dev: 'choose on', test: 'test on' } as const;

function remark({ role, documents, instances }: Comparison['data'][number], hasIntervals: boolean): string {
  const paper = table1[role];
  if (documents === paper.documents) {
    return instances === paper.instances
      ? ''
      : " The paper's label counts are those of a version before the release.";
  }
  if (role === 'dev' && documents === 998)
    return ' Two articles that the test documents repeat were removed from the published file in August 2021.';
  if (documents > paper.documents) return '';
  return role === 'train'
    ? ' With fewer documents all systems learn less, and those that start from random weights lose most.'
    : ` Fewer documents make every score less certain${hasIntervals && role === 'dev' ? '; the intervals below say by how much' : ''}.`;
}

const noTest: Difference = {
  what: 'No test scores',
  why: "No test documents with labels were given. The paper's test scores come from the competition's server, which keeps the labels.",
};

function facts({ data }: Comparison): Difference {
  const observed = data.flatMap(({ role, relations, relationsObserved }) =>
    relationsObserved !== null && relationsObserved < relations
      ? [`${whole(relationsObserved)} of ${whole(relations)} in ${role}`]
      : [],
  );
  return {
    what: 'How Table 1 counts',
    why: `A fact is a distinct (head, relation, tail) over the whole split, entities being the same where their first listed mention has exactly the same name. The paper does not define it; this rule gives its ratio of facts to instances best.${observed.length > 0 ? ` Relations are those of the schema; observed are ${list(observed)}.` : ''}`,
  };
}

function words(comparison: Comparison): Difference[] {
  const encoders = comparison.runs.flatMap((run) =>
    run.encoder.kind === 'words' ? [{ run, encoder: run.encoder }] : [],
  );
  const learnt = encoders.filter(({ encoder }) => encoder.vectors === null);
  const others = encoders.filter(
    ({ encoder }) => encoder.vectors !== null && (encoder.dimension !== 100 || encoder.vectors.trained),
  );
  const original = 'The original has 100-dimensional GloVe vectors, frozen';
  const result: Difference[] = [];
  if (learnt.length > 0)
    result.push({
      what: 'Word vectors are learnt',
      why: `${original}, for 194,784 words. Here they are learnt from the training documents alone (${labelsOf(
        comparison,
        learnt.map(({ run }) => run),
      )}), so a word that training does not hold is an unknown word.`,
    });
  for (const text of new Set(others.map(({ run }) => encoderText(run))))
    result.push({ what: 'Other word vectors', why: `${original}; here: ${text}.` });
  return result;
}

function encoders(comparison: Comparison): Difference[] {
  const berts = comparison.runs.filter(({ encoder }) => encoder.kind === 'bert');
  const random = berts.filter(({ encoder }) => encoder.kind === 'bert' && !encoder.pretrained);
  const pretrained = berts.filter(({ encoder }) => encoder.kind === 'bert' && encoder.pretrained);
  const original = 'The original fine-tunes the pretrained bert-base-uncased (12 layers, 768 wide)';
  const result: Difference[] = [];
  if (random.length > 0)
    result.push({
      what: 'BERT without pretraining',
      why: `${original}. Here it starts from random weights (${list([...new Set(random.map(encoderText))])}) and must learn the language from the training documents too. The paper measures something else; this is about ${labelsOf(comparison, random)}.`,
    });
  const other = pretrained.filter(
    ({ encoder }) =>
      encoder.kind === 'bert' && !/bert-base-uncased/.test(encoder.size) && encoder.size !== 'base',
  );
  if (other.length > 0)
    result.push({
      what: 'Another BERT',
      why: `${original}; here: ${list([...new Set(other.map(encoderText))])}.`,
    });
  return result;
}

function modesUsed(comparison: Comparison): Difference[] {
  const corrected = comparison.runs.filter(({ mode }) => mode === 'corrected');
  if (corrected.length === 0) return [];
  const some =
    corrected.length === comparison.runs.length ? '' : ` (this is about ${labelsOf(comparison, corrected)})`;
  return [
    {
      what: 'Corrected, not faithful',
      why: `The quirks of the original code are left out${some}; \`relata systems\` lists them: convolutions that see padding, entity weights that do not sum to 1, a first sentence without its last word, checkpoints chosen by Ign F1 although tables report F1. \`--mode faithful\` has them.`,
    },
  ];
}

function training({ runs }: Comparison): Difference[] {
  const epochs = runs.flatMap(({ cost }) => cost.stages.map((stage) => stage.epochs));
  const [least, most] = [Math.min(...epochs), Math.max(...epochs)];
  const sampled = runs.filter(({ negatives, twoStep }) => negatives !== 'all' && !twoStep);
  return [
    ...(epochs.length > 0 && least < 200
      ? [
          {
            what: 'Shorter training',
            why: `The original trains for up to 200 epochs; here ${least === most ? whole(least) : `${whole(least)} to ${whole(most)}`}, until dev F1 stopped improving or the budget was spent.`,
          },
        ]
      : []),
    ...(sampled.length > 0
      ? [
          {
            what: 'Unrelated pairs are sampled',
            why: `The DocRED baselines train on all pairs. Here some rows train on a part of the unrelated ones: ${labelsOf({ runs }, sampled)}.`,
          },
        ]
      : []),
  ];
}

function seeds({ runs }: Comparison): Difference[] {
  const rows = rowsOf({ runs });
  const single = rows.filter((row) => row.runs.length === 1).length;
  const here =
    single === rows.length
      ? 'So it is here; another seed would move each of them'
      : `Here ± is the deviation between seeds${single > 0 ? '; a row without it is one run, which another seed would move by about as much' : ''}`;
  return [
    { what: 'One run or several', why: `The paper gives one number for each system and no seed. ${here}.` },
  ];
}

const threshold: Difference = {
  what: 'Dev scores are optimistic',
  why: 'Theta, the score above which facts are kept, is the best one for the dev documents, in the paper as here. Test scores use that theta as it is.',
};

function areas({ runs }: Comparison): Difference[] {
  const result: Difference[] = [];
  if (runs.some(({ system, dev }) => (system === 'bilstm' || system === 'sentence') && dev.auc !== null))
    result.push({
      what: 'Whose AUC',
      why: "In Table 3 the paper's BiLSTM values are those of the DocRED paper, and only SentModel was measured with the paper's own code. AUC here follows the DocRED code: trapezoids from the first ranked fact on.",
    });
  if (runs.some(({ twoStep, dev }) => twoStep && dev.auc !== null))
    result.push({
      what: 'AUC of two steps',
      why: 'Pairs that step 1 closes have no rank of their own, so the curve ends early or continues in the order of the documents. Do not compare the AUC of two steps with that of one; the paper does not report it.',
    });
  return result;
}

/** Labels of the rows that hold any of these runs, the first few of many. */
function labelsOf(comparison: Pick<Comparison, 'runs'>, runs: readonly Comparison['runs'][number][]): string {
  const labels = rowsOf(comparison)
    .filter((row) => row.runs.some((run) => runs.includes(run)))
    .map(({ label }) => shortened(label, 48));
  const more = labels.length - NAMED;
  return list(more > 1 ? [...labels.slice(0, NAMED), `${more} more`] : labels);
}
