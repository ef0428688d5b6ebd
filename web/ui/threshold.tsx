/** The slider: facts below it leave the text, the graph and the list at once. Each score is a line on it. */
import { useMemo } from 'preact/hooks';

import type { Entry } from '../model/entry.ts';
import type { Shown } from '../model/shown.ts';
import { decimals } from './chip.tsx';

interface ThresholdProps {
  readonly entry: Entry;
  readonly theta: number;
  readonly shown: Shown;
  readonly onChange: (theta: number) => void;
}

/** More lines than this are a block. */
const LINES = 400;

export function Threshold({ entry, theta, shown, onChange }: ThresholdProps) {
  const { facts, model } = entry.extraction;
  const lines = useMemo(() => facts.slice(0, LINES).map(({ score }) => score), [facts]);
  const status = useMemo(() => new Map(shown.facts.map((fact) => [fact.score, fact.status])), [shown]);
  if (!entry.predicted) {
    return <p class="note">Labels of the file. There is nothing predicted here, so there is no threshold.</p>;
  }
  if (!entry.scored)
    return <p class="note">These facts carry no scores, so there is no threshold to move.</p>;
  const standard = model.threshold;
  const moved = Math.abs(theta - standard) > 0.0005;
  return (
    <div class="threshold">
      <label for="theta">
        Threshold <output for="theta">{decimals(theta, 3)}</output>
      </label>
      <div class="track">
        <svg class="scores" aria-hidden="true" viewBox="0 0 1000 20" preserveAspectRatio="none">
          {lines.map((score, i) => (
            <line
              key={i}
              x1={1000 * score}
              x2={1000 * score}
              y1={0}
              y2={20}
              class={score > theta ? (status.get(score) ?? 'found') : 'below'}
            />
          ))}
        </svg>
        <input
          id="theta"
          type="range"
          min={0}
          max={1}
          step={0.005}
          value={theta}
          aria-valuetext={`${decimals(theta, 3)}, keeps ${shown.kept} of ${shown.all} facts`}
          onInput={(event) => onChange(Math.max(entry.floor, Number(event.currentTarget.value)))}
        />
      </div>
      <p class="note" data-test="kept">
        <strong>{shown.kept}</strong> of {shown.all} facts kept
      </p>
      <button
        type="button"
        class="link"
        disabled={!moved}
        onClick={() => onChange(standard)}
        title={`Back to the model’s own threshold, ${decimals(standard, 3)}`}
      >
        Reset
      </button>
    </div>
  );
}
