import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Mention } from '../../src/data/document.ts';
import { clusterByName } from '../../src/text/coreference.ts';

/** Mentions in the order of the text, as `TYPE name`. */
const mentionsOf = (names: readonly string[]): Mention[] =>
  names.map((text, sent_id) => {
    const [type = '', ...words] = text.split(' ');
    return { name: words.join(' '), sent_id, pos: [0, 1], type };
  });

/** Each mention as `cluster reason>to`. */
function links(...names: string[]): string[] {
  const found: string[] = [];
  for (const [c, { mentions }] of clusterByName(mentionsOf(names)).entries()) {
    for (const { mention, reason, to } of mentions)
      found[mention] = `${c} ${reason}${to === undefined ? '' : `>${to}`}`;
  }
  return found;
}

describe('clusterByName', () => {
  it('puts the same name of the same type together, in whatever spelling', () => {
    expect(links('ORG The Band', 'ORG the band', "ORG Band 's", 'MISC Band', 'ORG band’s')).toEqual([
      '0 first',
      '0 exact>0',
      '0 exact>1',
      '1 first',
      '0 exact>2',
    ]);
    expect(links('LOC Vest - Agder', 'LOC Vest-Agder', 'LOC U.S.', 'LOC US')).toEqual([
      '0 first',
      '0 exact>0',
      '1 first',
      '1 exact>2',
    ]);
  });

  it('tells an abbreviation from a word', () => {
    expect(links('ORG IT', 'ORG it', 'ORG WHO', 'ORG Who')).toEqual([
      '0 first',
      '1 first',
      '2 first',
      '3 first',
    ]);
  });

  it('knows a few aliases', () => {
    expect(
      links('LOC UK', 'LOC the United Kingdom', 'LOC United States', 'LOC U.S.', 'LOC American'),
    ).toEqual(['0 first', '0 alias>0', '1 first', '1 alias>2', '2 first']);
  });

  it('finds what an abbreviation stands for, before it or after it', () => {
    expect(links('ORG World Health Organization', 'ORG WHO')).toEqual(['0 first', '0 abbreviation>0']);
    expect(links('ORG N.F.L.', 'ORG National Football League')).toEqual(['0 first', '0 abbreviation>0']);
    expect(links('ORG Bank of England', 'ORG BE', 'ORG Bank of Estonia')).toEqual([
      '0 first',
      '1 first',
      '2 first',
    ]);
    expect(links('LOC World Health Organization', 'ORG WHO')).toEqual(['0 first', '1 first']);
  });

  it('takes part of a person’s name for the person; of several, the most mentioned', () => {
    expect(links('PER Curie', 'PER Marie Curie', 'PER Mr. Curie')).toEqual([
      '0 first',
      '0 last-name>0',
      '0 last-name>1',
    ]);
    expect(links('PER Pierre Curie', 'PER Marie Curie', 'PER Marie Curie', 'PER Curie')).toEqual([
      '0 first',
      '1 first',
      '1 exact>1',
      '1 last-name>2',
    ]);
    expect(links('PER John F. Kennedy', 'PER John Kennedy', 'PER Kennedy')).toEqual([
      '0 first',
      '0 last-name>0',
      '0 last-name>0',
    ]);
    expect(links('ORG Marie Curie', 'ORG Curie')).toEqual(['0 first', '1 first']);
  });

  it('takes a name without its kind for the name, unless it could be two', () => {
    expect(links('ORG Acme Corporation', 'ORG Acme')).toEqual(['0 first', '0 head-word>0']);
    expect(links('ORG Acme Corporation', 'ORG Acme Foundation', 'ORG Acme')).toEqual([
      '0 first',
      '1 first',
      '2 first',
    ]);
    expect(links('ORG University of Oxford', 'ORG University')).toEqual(['0 first', '1 first']);
  });

  it('takes types of any name', () => {
    expect(links('constructor Apple Inc.', 'constructor Apple', '__proto__ Apple')).toEqual([
      '0 first',
      '1 first',
      '2 first',
    ]);
  });

  it('lets times and numbers be what they say', () => {
    expect(links('TIME May 1900', 'TIME 1900', 'TIME 1900', 'NUM US', 'NUM USA')).toEqual([
      '0 first',
      '1 first',
      '1 exact>1',
      '2 first',
      '3 first',
    ]);
  });

  const arbName = fc
    .tuple(
      fc.constantFrom('PER', 'ORG', 'LOC', 'TIME'),
      fc.array(
        fc.constantFrom(
          'Ada',
          'Curie',
          'Marie',
          'WHO',
          'US',
          'UK',
          'United',
          'States',
          'Inc.',
          'the',
          'Mr.',
          "'s",
          '-',
          '__proto__',
          '',
        ),
        {
          maxLength: 5,
        },
      ),
    )
    .map(([type, words]) => [type, ...words].join(' '));

  it('gives each mention one place, links to others of its entity, and one first that comes first', () => {
    fc.assert(
      fc.property(fc.array(arbName, { maxLength: 30 }), (names) => {
        const clusters = clusterByName(mentionsOf(names));
        expect(
          clusters.flatMap(({ mentions }) => mentions.map(({ mention }) => mention)).sort((a, b) => a - b),
        ).toEqual(names.map((_, i) => i));
        for (const { mentions } of clusters) {
          const members = new Map(mentions.map((link) => [link.mention, link]));
          expect([...members.keys()]).toEqual([...members.keys()].sort((a, b) => a - b));
          expect(mentions.map(({ reason }) => reason === 'first')).toEqual(mentions.map((_, i) => i === 0));
          for (const start of mentions) {
            // Every way ends at the first.
            let [at, steps]: [typeof start | undefined, number] = [start, 0];
            while (at?.to !== undefined && steps++ <= mentions.length) at = members.get(at.to);
            expect(at?.reason).toBe('first');
          }
        }
      }),
    );
  });

  it('does not depend on the order in which mentions are given', () => {
    const arbShuffled = fc.array(arbName, { minLength: 1, maxLength: 20 }).chain((names) =>
      fc.tuple(
        fc.constant(names),
        fc.shuffledSubarray(
          names.map((_, i) => i),
          { minLength: names.length },
        ),
      ),
    );
    fc.assert(
      fc.property(arbShuffled, ([names, order]) => {
        const given = mentionsOf(names);
        const shuffled = order.map((i) => given[i] as Mention);
        const back = clusterByName(shuffled).map(({ mentions }) => ({
          mentions: mentions.map(({ mention, reason, to }) => ({
            mention: order[mention],
            reason,
            to: to === undefined ? undefined : order[to],
          })),
        }));
        expect(back).toEqual(clusterByName(given));
      }),
    );
  });
});
