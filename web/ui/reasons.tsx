/** Why a pair got its answer: the parts of an explanation, each as numbers and as something to see. */
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Explanation, WordShare } from '../../src/prediction/explanation.ts';
import type { Entry } from '../model/entry.ts';
import { Bar, decimals, EntityChip } from './chip.tsx';

interface ReasonsProps {
  readonly entry: Entry;
  readonly explanation: Explanation;
  readonly onSentence: (sentence: number) => void;
}

const RELATIONS = 6;
const WORDS = 12;
const SENTENCES = 6;

export function Reasons({ entry, explanation, onSentence }: ReasonsProps) {
  const { gate, logit, effects, sentences, unavailable } = explanation;
  const root = useRef<HTMLDivElement>(null);
  // The button that asked is gone; who reads by keyboard or by ear goes on here.
  useEffect(() => root.current?.focus({ preventScroll: true }), []);
  return (
    <div class="reasons" ref={root} tabIndex={-1}>
      {gate && (
        <p>
          The gate says <strong>{gate.open ? 'related' : 'not related'}</strong> with{' '}
          {decimals(gate.probability, 3)}, by a margin of {signed(gate.margin)}.
        </p>
      )}
      <Relations explanation={explanation} />
      {logit && (
        <>
          <h4>What the score is made of</h4>
          <Signed
            rows={[
              { name: 'the two entities', value: logit.entities },
              { name: 'their distance', value: logit.distance },
              { name: 'the relation alone (bias)', value: logit.bias },
            ]}
          />
          <p class="note">Together a logit of {signed(logit.total)}.</p>
          <Mentions entry={entry} entity={explanation.head} shares={logit.headMentions} />
          <Mentions entry={entry} entity={explanation.tail} shares={logit.tailMentions} />
          <h4>Words of the mentions</h4>
          <Words entry={entry} words={[...logit.headWords, ...logit.tailWords]} />
        </>
      )}
      {effects && (
        <>
          <h4>Words of the document</h4>
          <p class="note">Gradient times input: what a word adds to the score, as far as that is linear.</p>
          <Words entry={entry} words={effects} />
        </>
      )}
      {unavailable && <p class="note">{unavailable}</p>}
      {sentences.length > 0 && (
        <>
          <h4>Without a sentence</h4>
          <ul class="signed">
            {sentences.slice(0, SENTENCES).map(({ sentence, score, change, open }) => (
              <li key={sentence}>
                <button type="button" class="link" onClick={() => onSentence(sentence)}>
                  Sentence {sentence + 1}
                </button>
                <SignedBar
                  value={change}
                  most={Math.max(0.01, ...sentences.map((one) => Math.abs(one.change)))}
                />
                <span class="value">
                  {score === null ? 'an entity is gone' : `${decimals(score, 3)} left`}
                  {open === false && ', gate closes'}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Relations({ explanation }: { readonly explanation: Explanation }) {
  const [all, setAll] = useState(false);
  const { relations, relation, threshold } = explanation;
  const listed = all ? relations : relations.slice(0, RELATIONS);
  return (
    <>
      <h4>Relations in order</h4>
      <ol class="relations">
        {listed.map((one) => (
          <li key={one.relation} class={one.relation === relation ? 'this' : ''}>
            <bdi>{one.name}</bdi>
            <Bar value={one.score} tick={threshold} />
            <span class="value" title={`logit ${signed(one.logit)}`}>
              {decimals(one.score, 3)}
            </span>
          </li>
        ))}
      </ol>
      {relations.length > RELATIONS && (
        <button type="button" class="link" onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `All ${relations.length}`}
        </button>
      )}
    </>
  );
}

function Mentions({
  entry,
  entity,
  shares,
}: {
  readonly entry: Entry;
  readonly entity: number;
  readonly shares: readonly number[];
}) {
  const found = entry.extraction.entities[entity];
  return (
    <>
      <h4>
        Mentions of <EntityChip index={entity} name={found?.name ?? ''} />
      </h4>
      <Signed
        rows={shares.map((value, i) => {
          const mention = found?.mentions[i];
          return {
            name: `${mention?.text ?? `mention ${i + 1}`}, sentence ${(mention?.sentence ?? 0) + 1}`,
            value,
          };
        })}
      />
    </>
  );
}

/** The sentences that the strongest words are in, with a tint by share, and the numbers below. */
function Words({ entry, words }: { readonly entry: Entry; readonly words: readonly WordShare[] }) {
  const { extraction } = entry;
  const strongest = words.toSorted((a, b) => Math.abs(b.share) - Math.abs(a.share)).slice(0, WORDS);
  const most = Math.abs(strongest[0]?.share ?? 0) || 1;
  const shareOf = new Map(words.map((word) => [`${word.sentence} ${word.word}`, word.share]));
  const sentences = [...new Set(strongest.slice(0, WORDS / 2).map(({ sentence }) => sentence))].sort(
    (a, b) => a - b,
  );
  const wordAt = ({ sentence, word }: WordShare): string =>
    extraction.text.slice(...(extraction.words[sentence]?.[word] ?? [0, 0]));
  return (
    <>
      {sentences.map((sentence) => {
        let at = extraction.sentences[sentence]?.[0] ?? 0;
        const spans = extraction.words[sentence] ?? [];
        return (
          <p class="words" dir="auto" key={sentence}>
            {spans.map(([start, end], w) => {
              const gap = extraction.text.slice(at, start);
              at = end;
              const share = shareOf.get(`${sentence} ${w}`) ?? 0;
              const strength = Math.abs(share) / most;
              const word = extraction.text.slice(start, end);
              if (strength < 0.08) return gap + word;
              return (
                <>
                  {gap}
                  <span
                    class={share > 0 ? 'for' : 'against'}
                    title={signed(share)}
                    style={{ '--strength': `${Math.round(strength * 45)}%` }}
                  >
                    {word}
                  </span>
                </>
              );
            })}
          </p>
        );
      })}
      <Signed
        rows={strongest.slice(0, WORDS / 2).map((word) => ({ name: wordAt(word), value: word.share }))}
      />
    </>
  );
}

function Signed({ rows }: { readonly rows: readonly { readonly name: string; readonly value: number }[] }) {
  const most = Math.max(1e-9, ...rows.map(({ value }) => Math.abs(value)));
  return (
    <ul class="signed">
      {rows.map(({ name, value }, i) => (
        <li key={i}>
          <bdi>{name}</bdi>
          <SignedBar value={value} most={most} />
          <span class="value">{signed(value)}</span>
        </li>
      ))}
    </ul>
  );
}

/** To the right what speaks for the relation, to the left what speaks against it. */
function SignedBar({ value, most }: { readonly value: number; readonly most: number }) {
  const share = 50 * Math.min(1, Math.abs(value) / most);
  const style = value >= 0 ? { left: '50%', width: `${share}%` } : { right: '50%', width: `${share}%` };
  return (
    <span class="both-ways" aria-hidden="true">
      <span class={value >= 0 ? 'for' : 'against'} style={style} />
    </span>
  );
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
