/**
 * Terms of RDF as N-Quads writes them.
 *
 * Source: RDF 1.1 N-Quads, productions IRIREF and STRING_LITERAL_QUOTE; canonical form where it has one.
 */
import { wellFormed } from './identifiers.ts';

export const vocabularies = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
  prov: 'http://www.w3.org/ns/prov#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  /** Wikidata's direct properties. */
  wdt: 'http://www.wikidata.org/prop/direct/',
  relata: 'urn:relata:',
} as const;

/** `prov:Entity` -> its IRI in brackets. */
export function prefixed(name: `${keyof typeof vocabularies}:${string}`): string {
  const [prefix, local] = name.split(':', 2);
  return iri(`${vocabularies[prefix as keyof typeof vocabularies]}${local}`);
}

/** In brackets. All of ours are ASCII without characters that an IRI must not hold. */
export const iri = (value: string): string => `<${value}>`;

const escapes: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
};

/** A string, on one line. */
export function text(value: string): string {
  const inside = wellFormed(value).replaceAll(
    /["\\\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu,
    (character) =>
      escapes[character] ??
      String.raw`\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return `"${inside}"`;
}

export const integer = (value: number): string => `"${value}"^^${prefixed('xsd:integer')}`;

export const double = (value: number): string => `"${value}"^^${prefixed('xsd:double')}`;
