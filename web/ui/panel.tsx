/** One fact: where it stands in the text, how sure the model is, and why. */
import { useEffect, useRef } from 'preact/hooks';

import type { Explanation } from '../../src/prediction/explanation.ts';
import type { Entry } from '../model/entry.ts';
import { pieces, placesOf } from '../model/pieces.ts';
import type { ShownFact } from '../model/shown.ts';
import { Bar, decimals, EntityChip, entityClass, percent, StatusMark } from './chip.tsx';
import { Reasons } from './reasons.tsx';

/** What is known of why: nothing was asked, it was, or there is an answer. */
export type Asked =
  | { readonly state: 'no' | 'waiting' }
  | { readonly state: 'failed'; readonly message: string }
  | { readonly state: 'answered'; readonly explanation: Explanation };

interface PanelProps {
  readonly entry: Entry;
  readonly fact: ShownFact;
  readonly theta: number;
  readonly asked: Asked;
  /** Why it cannot be explained; null when it can. */
  readonly silent: string | null;
  readonly onExplain: () => void;
  readonly onClose: () => void;
  readonly onSentence: (sentence: number) => void;
}

export function Panel({ entry, fact, theta, asked, silent, onExplain, onClose, onSentence }: PanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [fact.key]);
  const { extraction } = entry;
  const [head, tail] = [extraction.entities[fact.head], extraction.entities[fact.tail]];
  return (
    <section class="panel" role="dialog" aria-labelledby="panel-title">
      <header>
        <button type="button" class="link back" onClick={onClose}>
          ← All facts
        </button>
        <kbd aria-hidden="true">Esc</kbd>
      </header>
      <h2 id="panel-title" tabIndex={-1} ref={heading}>
        <EntityChip index={fact.head} name={head?.name ?? ''} />
        <span class="predicate">
          <bdi>{fact.name}</bdi>
          {fact.relation !== fact.name && <code>{fact.relation}</code>}
        </span>
        <EntityChip index={fact.tail} name={tail?.name ?? ''} />
      </h2>
      <StatusMark status={fact.status} />
      {entry.scored && <Scores entry={entry} fact={fact} theta={theta} />}
      <h3>{fact.evidence.length === 1 ? 'Evidence' : `Evidence, ${fact.evidence.length} sentences`}</h3>
      <ol class="evidence">
        {fact.evidence.map((sentence) => (
          <li key={sentence}>
            <Evidence entry={entry} fact={fact} sentence={sentence} />
            <button type="button" class="link" onClick={() => onSentence(sentence)}>
              Sentence {sentence + 1}
              <span class="hidden"> in the text</span>
            </button>
          </li>
        ))}
      </ol>
      {fact.evidence.length === 0 && <p class="note">No sentence names both, nor each of them.</p>}
      <h3>Why</h3>
      {asked.state === 'answered' ? (
        <Reasons entry={entry} explanation={asked.explanation} onSentence={onSentence} />
      ) : silent === null ? (
        <>
          <p class="note">
            Takes the answer apart: gate, relations, mentions, words, distance, and each sentence left out.
          </p>
          <button type="button" class="button" onClick={onExplain} disabled={asked.state === 'waiting'}>
            {asked.state === 'waiting' ? 'Asking…' : 'Explain this fact'}
          </button>
          {asked.state === 'failed' && (
            <p class="error" role="alert">
              {asked.message}
            </p>
          )}
        </>
      ) : (
        <p class="note">{silent}</p>
      )}
    </section>
  );
}

function Scores({
  entry,
  fact,
  theta,
}: {
  readonly entry: Entry;
  readonly fact: ShownFact;
  readonly theta: number;
}) {
  const { score, gate, probability, threshold } = fact;
  if (score === null) {
    return <p class="note">The model gave this fact no score, or one below those that are here.</p>;
  }
  return (
    <dl class="scores">
      {gate !== null && (
        <div>
          <dt>Gate: related at all</dt>
          <dd>{decimals(gate, 3)}</dd>
          <Bar value={gate} tick={0.5} />
        </div>
      )}
      <div>
        <dt>Relation’s score</dt>
        <dd>{decimals(score, 3)}</dd>
        <Bar value={score} tick={theta} />
      </div>
      <div>
        <dt>Threshold</dt>
        <dd>
          {decimals(theta, 3)}
          {Math.abs(theta - threshold) > 0.0005 && (
            <span class="quiet"> (the model’s: {decimals(threshold, 3)})</span>
          )}
        </dd>
      </div>
      <div>
        <dt>Probability of being right</dt>
        <dd>{probability === null ? <span class="quiet">not calibrated</span> : percent(probability)}</dd>
        {probability !== null && <Bar value={probability} />}
      </div>
      {entry.extraction.model.name && (
        <div>
          <dt>Model</dt>
          <dd>
            {entry.extraction.model.name} <code>{entry.extraction.model.id}</code>
          </dd>
        </div>
      )}
    </dl>
  );
}

function Evidence({
  entry,
  fact,
  sentence,
}: {
  readonly entry: Entry;
  readonly fact: ShownFact;
  readonly sentence: number;
}) {
  const { extraction } = entry;
  const [start, end] = extraction.sentences[sentence] ?? [0, 0];
  const ends = new Set([fact.head, fact.tail]);
  const places = placesOf(extraction).filter(({ entity }) => ends.has(entity));
  return (
    <p dir="auto">
      {pieces(places, start, end).map((piece) => {
        const [place] = piece.places;
        const content = extraction.text.slice(piece.start, piece.end);
        return place ? <mark class={entityClass(place.entity)}>{content}</mark> : content;
      })}
    </p>
  );
}
