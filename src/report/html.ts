/**
 * The report of a comparison as one file of HTML: no network, no script, all text escaped.
 *
 * `comparison.ts` says what goes in. The order is that of a reader: what was found, the paper's tables, why numbers
 * differ, how training went, where systems differ, how sure that is, what it cost, how to do it again.
 */
import { bootstrapTable } from './bootstrap-table.ts';
import { groupTables, relationsTable } from './breakdown-tables.ts';
import { hasCurve, lineSample, precisionRecallChart } from './chart-precision-recall.ts';
import { reliabilityChart, reliabilitySample } from './chart-reliability.ts';
import { scoresChart } from './chart-scores.ts';
import { trainingChart, trainingScales } from './chart-training.ts';
import type { Comparison } from './comparison.ts';
import { differences } from './differences.ts';
import { findings } from './findings.ts';
import { pageInk } from './ink.ts';
import { markup, Markup, type Part } from './markup.ts';
import { bytes, duration, score, scoreSpread, whole } from './numbers.ts';
import { citation } from './paper.ts';
import { measured, middleRun, rowsOf, runName, type Row } from './rows.ts';
import { costTable, runScoresTable, settingsTable, stepsTable } from './run-tables.ts';
import { dataTable, filesTable, sentenceTable, systemsTable } from './score-tables.ts';
import { style } from './style.ts';
import { cell, heading, rowHeading, table } from './table.ts';

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Part;
}

/** The whole page. @param comparison - with at least one run */
export function reportHtml(comparison: Comparison): string {
  const [first, ...rest] = rowsOf(comparison);
  if (first === undefined) throw new RangeError('a comparison has at least one run');
  const rows: [Row, ...Row[]] = [first, ...rest];
  const { headline, sentences } = findings(comparison, rows);
  const sections = sectionsOf(comparison, rows);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${headline} – relata compare</title>
<style>${new Markup(style())}</style>
</head>
<body>
<header>
<p class="eyebrow">relata compare · ${dateText(comparison.date)} · Relata ${comparison.relata}</p>
<h1>${headline}</h1>
<div class="lead">${sentences.map((sentence) => markup`<p>${sentence}</p>`)}</div>
<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(({ id, title, content }) => markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>\n`)}</main>
<footer><p>The paper: ${citation.authors}, <a href="${citation.url}">${citation.title}</a>. All scores are in per cent; dev scores at the best threshold for dev.</p></footer>
</body>
</html>
`;
  return page.text;
}

function sectionsOf(comparison: Comparison, rows: readonly Row[]): Section[] {
  return [
    { id: 'systems', title: 'The systems', content: systems(comparison, rows) },
    { id: 'sentences', title: 'Document or sentences', content: sentenceTable(rows) },
    { id: 'data', title: 'The data', content: [dataTable(comparison), filesTable(comparison)] },
    { id: 'differences', title: 'Why the numbers differ', content: reasons(comparison) },
    { id: 'curves', title: 'Precision and recall', content: curves(rows) },
    { id: 'reliability', title: 'What the scores mean', content: reliability(comparison, rows) },
    { id: 'training', title: 'Training', content: training(rows) },
    { id: 'breakdowns', title: 'Where the systems differ', content: breakdowns(rows) },
    { id: 'bootstraps', title: 'How sure the differences are', content: bootstraps(comparison, rows) },
    { id: 'runs', title: 'Every run', content: everyRun(comparison, rows) },
    { id: 'cost', title: 'What it cost', content: cost(comparison, rows) },
    { id: 'commands', title: 'Do it again', content: commands(comparison, rows) },
  ].filter(({ content }) => content !== null);
}

function systems({ data }: Comparison, rows: readonly Row[]): Part {
  const dev = data.find(({ role }) => role === 'dev');
  return [
    markup`<figure class="bars"><div class="chart">${scoresChart(rows, pageInk)}</div><figcaption>F1 on ${dev ? `${whole(dev.documents)} dev documents` : 'dev'}, and below it the paper’s on its own${rows.some(({ runs }) => runs.length > 1) && '. The thin line is one standard deviation between seeds to each side'}.</figcaption></figure>`,
    systemsTable(rows),
  ];
}

function reasons(comparison: Comparison): Part {
  return markup`<dl class="reasons">${differences(comparison).map(({ what, why }) => markup`<dt>${what}</dt><dd>${withCode(why)}</dd>`)}</dl>`;
}

function curves(rows: readonly Row[]): Part {
  const chart = precisionRecallChart(rows, pageInk);
  if (chart === null) return null;
  const drawn = rows
    .filter(hasCurve)
    .map((row) => ({ row, auc: measured(row, (run) => run.dev.auc) }))
    .sort((a, b) => (b.auc?.mean ?? 0) - (a.auc?.mean ?? 0));
  const legend = table({
    name: 'Lines of the picture',
    caption: 'Largest area first.',
    head: markup`<tr>${heading('System', { text: true })}${heading('AUC')}${heading('F1')}</tr>`,
    bodies: [
      drawn.map(
        ({ row, auc }) =>
          markup`<tr>${rowHeading([lineSample(row, pageInk), row.label])}${cell([scoreSpread(auc), row.twoStep && auc !== null && ' *'])}${cell(scoreSpread(measured(row, (run) => run.dev.f1)))}</tr>`,
      ),
    ],
  });
  const several = drawn.some(({ row }) => row.runs.length > 1);
  const starred = drawn.some(({ row, auc }) => row.twoStep && auc !== null);
  return markup`<figure><div class="curves"><div class="chart">${chart}</div><div class="legend">${legend}</div></div><figcaption>All facts on dev, best score first. The point is where the threshold cuts; dotted lines join equal F1.${several && ' Of several seeds the one in the middle is drawn full, the others thin.'}${starred && ' * The area of two steps does not compare with that of one.'}</figcaption></figure>`;
}

function reliability({ data }: Comparison, rows: readonly Row[]): Part {
  const panels = rows.flatMap((row) => {
    const { reliability: found } = middleRun(row);
    if (found === null) return [];
    const before = measured(row, (run) => run.reliability?.before.ece ?? null);
    const after = measured(row, (run) => run.reliability?.after.ece ?? null);
    return [
      markup`<figure><h3>${row.label}</h3><figcaption>error ${scoreSpread(before)} before, ${scoreSpread(after)} after</figcaption>${reliabilityChart(row.label, found, pageInk)}</figure>`,
    ];
  });
  if (panels.length === 0) return null;
  const found = rows.flatMap(({ runs }) => runs.flatMap((run) => run.reliability ?? []));
  const test = data.find(({ role }) => role === 'test');
  const where = found.some(({ measuredOn }) => measuredOn === 'test')
    ? `Fitted on dev and measured on ${test ? `${whole(test.documents)} test documents` : 'test'}, which it has not seen.`
    : 'Fitted and measured on dev, but never on the same documents: each half of them is measured with what was fitted on the other.';
  const several = rows.some(({ runs }) => runs.length > 1);
  return [
    markup`<p>Of facts that are said to be right with 80 %, 80 % should be: such scores lie on the dotted line. Below it a system is too sure of itself.</p>`,
    markup`<p class="note">${reliabilitySample('before', pageInk)}before: scores as the system gives them. ${reliabilitySample('after', pageInk)}after: the probability that such a score stands for, by ${methods(found)}. ${where} Error is the expected calibration error (ECE) in per cent: the mean distance from the line, of the facts above the threshold. A point is a tenth of the axis, and larger where it holds more facts.${several && ' Of several seeds the one in the middle is drawn; errors are mean ± standard deviation.'}</p>`,
    markup`<div class="panels">${panels}</div>`,
  ];
}

function methods(found: readonly NonNullable<Row['runs'][0]['reliability']>[]): string {
  const names = { isotonic: 'isotonic regression', platt: 'Platt’s scaling' };
  return [...new Set(found.map(({ method }) => names[method]))].join(' or ');
}

function training(rows: readonly Row[]): Part {
  const oneStep = trainingScales(rows.filter((row) => !row.twoStep));
  const panels = rows.flatMap((row) => {
    const chart = trainingChart(row, row.twoStep ? trainingScales([row]) : oneStep, pageInk);
    return chart === null
      ? []
      : [
          markup`<figure><h3>${row.label}</h3><figcaption>${trainingCaption(row)}</figcaption>${chart}</figure>`,
        ];
  });
  if (panels.length === 0) return null;
  const steps = rows.some((row) => row.twoStep);
  return markup`<p class="note">F1 on dev and loss after each epoch; the point is the epoch whose model was kept. Scales are the same for all systems but the epochs’${steps && '; steps of two are measured on tasks of their own and have scales of their own, step 1 dashed'}.</p><div class="panels">${panels}</div>`;
}

function trainingCaption({ runs }: Row): string {
  const [run] = runs;
  if (runs.length > 1) {
    const kept = runs.flatMap(({ cost }) => cost.stages.flatMap(({ bestEpoch }) => bestEpoch ?? []));
    return kept.length === 0
      ? `${runs.length} seeds`
      : `${runs.length} seeds, kept after ${between(Math.min(...kept), Math.max(...kept))} epochs`;
  }
  const kept = run.cost.stages.map(({ stage, epochs, bestEpoch }) =>
    [
      stage === 'one step' ? '' : `${stage}: `,
      bestEpoch === null ? `${epochs} epochs` : `kept after ${bestEpoch} of ${epochs} epochs`,
    ].join(''),
  );
  return kept.length === 0 ? `F1 ${score(run.dev.f1)}` : kept.join('; ');
}

function between(low: number, high: number): string {
  return low === high ? String(low) : `${low} to ${high}`;
}

function breakdowns(rows: readonly Row[]): Part {
  const groups = groupTables(rows);
  const relations = relationsTable(rows);
  if (groups.length === 0 && relations === null) return null;
  return [
    markup`<p class="note">F1 (%) on dev at each system’s threshold, by kind of fact; bars from 0 to 100, the best of a column in bold${rows.some(({ runs }) => runs.length > 1) && ', means over seeds'}.</p>`,
    markup`<label class="toggle"><input type="checkbox" id="pr"> Show precision and recall</label>`,
    markup`<div class="groups">${groups}</div>`,
    relations &&
      markup`<details${rows.length > 9 && markup` class="very-wide"`}><summary>All ${whole(relations.relations)} relations</summary>${relations.table}</details>`,
  ];
}

function bootstraps(comparison: Comparison, rows: readonly Row[]): Part {
  const drawn = bootstrapTable(comparison, rows);
  return (
    drawn && [
      markup`<p class="note">Dev documents are drawn again and again, with replacement, and both systems are scored on each draw. That measures the chance in the choice of documents; the chance in the choice of seeds is covered only where several seeds are named, whose mean is taken.</p>`,
      drawn,
    ]
  );
}

function everyRun(comparison: Comparison, rows: readonly Row[]): Part {
  return [runScoresTable(comparison, rows), stepsTable(comparison, rows), settingsTable(comparison, rows)];
}

function cost(comparison: Comparison, rows: readonly Row[]): Part {
  const { cpu, cores, memory, node } = comparison.machine;
  const seconds = comparison.runs.reduce((sum, run) => sum + run.cost.seconds, 0);
  const facts = [
    ['Processor', `${cpu}, ${whole(cores)} ${cores === 1 ? 'core' : 'cores'}`],
    ['Memory', bytes(memory)],
    ['Node', node],
    ['All runs', duration(seconds)],
  ];
  return [
    markup`<dl class="machine">${facts.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`,
    costTable(comparison, rows),
  ];
}

function commands({ command, runs }: Comparison, rows: readonly Row[]): Part {
  return [
    markup`<p class="note">A click on a command selects all of it.</p>`,
    markup`<h3>All of this</h3><pre><code>${command}</code></pre>`,
    runs.map((run) => markup`<h3>${runName(run, rows)}</h3><pre><code>${run.command}</code></pre>`),
  ];
}

/** What stands between backticks, as code. */
function withCode(text: string): Part {
  return text.split('`').map((part, i) => (i % 2 === 1 ? markup`<code>${part}</code>` : part));
}

/** "22 November 2026"; what is no date stays as it is. */
function dateText(date: string): Markup {
  const time = new Date(date);
  if (!Number.isFinite(time.getTime())) return markup`${date}`;
  const text = time.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return markup`<time datetime="${date}">${text}</time>`;
}
