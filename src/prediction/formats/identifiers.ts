/** Names of documents, entities and facts that hold across files: IRIs below `urn:relata:`. */
import type { Extraction } from '../extraction.ts';
import type { Extractions } from './format.ts';

/** An extraction with the IRI of its document. */
export interface Identified {
  readonly extraction: Extraction;
  readonly document: string;
}

/** A title is a document's only name, and databases want names to differ: a title that came before gets a number. */
export async function* identified(extractions: Extractions): AsyncGenerator<Identified> {
  const seen = new Set<string>();
  for await (const extraction of extractions) {
    const title = wellFormed(extraction.title);
    let name = title;
    for (let n = 2; seen.has(name); n++) name = `${title} (${n})`;
    seen.add(name);
    yield { extraction, document: relataIri('document', name) };
  }
}

/** `urn:relata:KIND:NAME`, all ASCII; different names give different IRIs. */
export const relataIri = (kind: string, name: string): string => `urn:relata:${kind}:${escaped(name)}`;

/** Of an entity by its index. */
export const entityIri = (document: string, entity: number): string => `${document}#entity-${entity}`;

/** A document holds a fact once. */
export const factIri = (
  document: string,
  { head, tail, relation }: { readonly head: number; readonly tail: number; readonly relation: string },
): string => `${document}#fact-${head}-${escaped(relation)}-${tail}`;

/** The text with halves of surrogate pairs, which no encoding can write, replaced by U+FFFD. */
export const wellFormed = (text: string): string => text.replaceAll(/\p{Cs}/gu, '\ufffd');

/** Without the characters that part the pieces of an IRI. */
export const escaped = (text: string): string => encodeURIComponent(wellFormed(text));
