/** What clients send, as schemas: they check requests and become the OpenAPI document. */
import { z } from '@hono/zod-openapi';

const theta = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .openapi({ description: "Scores strictly above it are returned; default: the model's threshold." });

const title = z.string().min(1).max(500).optional().openapi({ description: 'Names the text in the answer.' });

const textItem = z.strictObject({
  title,
  text: z.string().openapi({ description: 'Plain text, or Markdown.' }),
  markdown: z.boolean().optional().openapi({ description: 'Whether the text is Markdown; default: false.' }),
});
export type TextItem = z.output<typeof textItem>;

/** Documents are checked by Relata's own rules, which name every error's place. */
const anyDocument = z.unknown().openapi({ type: 'object', description: "A document in DocRED's form." });

/** The forms of the body of `POST /v1/extract`, by the key that tells them apart. */
export const extractForms = {
  text: textItem.extend({ theta }).openapi('ExtractText'),
  texts: z.strictObject({ texts: z.array(textItem), theta }).openapi('ExtractTexts'),
  document: z.strictObject({ document: anyDocument, theta }).openapi('ExtractDocument'),
  documents: z.strictObject({ documents: z.array(anyDocument), theta }).openapi('ExtractDocuments'),
} as const;
export type ExtractForm = keyof typeof extractForms;

export const extractRequest = z
  .union([extractForms.text, extractForms.texts, extractForms.document, extractForms.documents])
  .openapi('ExtractRequest');

const entity = z
  .union([z.int().min(0), z.string().min(1).max(1000)])
  .openapi({ description: 'Index of an entity, or one of its names.' });

export const explainRequest = z
  .strictObject({
    document: anyDocument.optional(),
    text: z.string().optional().openapi({ description: 'Instead of a document.' }),
    title,
    markdown: z.boolean().optional(),
    head: entity,
    tail: entity,
    relation: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: 'Id of the relation; default: the one with the highest score.' }),
  })
  .openapi('ExplainRequest');
