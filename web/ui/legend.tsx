/** How to read the page. */
import type { Entry } from '../model/entry.ts';
import { EntityChip, StatusMark } from './chip.tsx';
import { widthOf } from './graph-elements.ts';
import { Menu } from './menu.tsx';

const compares = [
  ['right', 'predicted, and a label of the document'],
  ['wrong', 'predicted, but no label'],
  ['missed', 'a label that was not predicted'],
] as const;

export function Legend({ entry, compared }: { readonly entry: Entry; readonly compared: boolean }) {
  const { model } = entry.extraction;
  return (
    <Menu
      label={
        <span>
          How to read<span class="roomy"> this</span>
        </span>
      }
      className="legend"
    >
      {() => (
        <>
          <h3>Entities</h3>
          <p>
            <EntityChip index={0} name="One colour and one number" /> stand for one entity, in the text, the
            graph and the list. A larger circle has more mentions. When the colours begin again, the line
            changes: <EntityChip index={8} name="dashed" />.
          </p>
          {entry.scored && (
            <>
              <h3>How sure</h3>
              <svg
                class="widths"
                viewBox="0 0 240 44"
                role="img"
                aria-label="A wider line has a higher score"
              >
                {[0.1, 0.3, 0.5, 0.7, 0.9, 1].map((score, i) => (
                  <g key={score}>
                    <line x1={10 + i * 40} x2={32 + i * 40} y1={12} y2={12} stroke-width={widthOf(score)} />
                    <text x={21 + i * 40} y={36} text-anchor="middle">
                      {score.toFixed(1)}
                    </text>
                  </g>
                ))}
              </svg>
              <p>
                A wider edge has a higher score. What is above the threshold is the answer.{' '}
                {model.calibrated
                  ? 'This model is calibrated: of facts with a probability of 80\u00a0%, eight in ten were right on the data that it was tuned on.'
                  : 'This model is not calibrated: its scores order facts, but 0.8 does not mean eight in ten.'}
              </p>
            </>
          )}
          {compared && (
            <>
              <h3>Right and wrong</h3>
              <ul>
                {compares.map(([status, meaning]) => (
                  <li key={status}>
                    <StatusMark status={status} />
                    <svg class={`sample ${status}`} viewBox="0 0 40 8" aria-hidden="true">
                      <line x1={2} x2={38} y1={4} y2={4} />
                    </svg>{' '}
                    {meaning}
                  </li>
                ))}
              </ul>
            </>
          )}
          <h3>Keys</h3>
          <dl class="keys">
            <dt>
              <kbd>↑</kbd> <kbd>↓</kbd>
            </dt>
            <dd>from fact to fact</dd>
            <dt>
              <kbd>Enter</kbd>
            </dt>
            <dd>opens a fact, picks an entity</dd>
            <dt>
              <kbd>Esc</kbd>
            </dt>
            <dd>closes it</dd>
            <dt>
              <kbd>←</kbd> <kbd>→</kbd>
            </dt>
            <dd>from mention to mention, from node to node, and on the slider</dd>
          </dl>
        </>
      )}
    </Menu>
  );
}
