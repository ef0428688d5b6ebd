/**
 * Relata as a library: documents, training, prediction, evaluation, comparison.
 *
 * What the commands do, without printing. Everything else is internal.
 */

// Documents
export type { Document, Entity, Label, Mention } from './data/document.ts';
export { loadDocuments, readDocuments } from './data/read.ts';
export { checkDocument } from './data/check.ts';
export { describeProblem, type Problem } from './data/problem.ts';
export { statistics, type Statistics } from './data/statistics.ts';
export {
  readRelationInfo,
  relationsFrom,
  relationVocabulary,
  type RelationVocabulary,
} from './data/relations.ts';
export { sampleCorpus, type SampleCorpus } from './data/sample/sample-corpus.ts';

// Training
export { requestSchema, type System, type TrainingRequest } from './training/request.ts';
export type { ResultRow, Stage, SystemEvent } from './training/stage.ts';
export { trainSystem } from './training/train-system.ts';
export type { TrainingEvent } from './training/train-model.ts';

// Pretraining
export { pretrain } from './training/pretrain.ts';
export { type PretrainRequest, pretrainSchema } from './training/pretrain-options.ts';
export type { HeldOutScores, PretrainEvent } from './training/pretrain-events.ts';
export { type FilledText, openFill, type OpenFill } from './prediction/fill.ts';

// Prediction
export { type OpenSystem, openSystem } from './models/open-system.ts';
export { type Fact, predict, type PredictedDocument, type PredictOptions } from './prediction/predict.ts';
export { type ExportedProgram, exportSystem } from './models/export.ts';
export type { Precision } from './models/model-folder.ts';

// Texts: mentions, entities, relations, and why
export type { Span, TextDocument } from './data/text-document.ts';
export { annotate, type Annotation, readAnnotations } from './data/annotations.ts';
export { segmentText } from './text/segment.ts';
export { type Cluster, clusterByName } from './text/coreference.ts';
export { type OpenTagger, openTagger } from './models/open-tagger.ts';
export { type TaggedMention, tagMentions } from './prediction/tag.ts';
export { type Bundle, openBundle, writeBundle } from './models/bundle.ts';
export { extract, type ExtractOptions, type Source } from './prediction/extract.ts';
export { readSources, type ReadSourcesOptions } from './prediction/read-sources.ts';
export type {
  ExtractedEntity,
  ExtractedFact,
  ExtractedMention,
  Extraction,
  LinkReason,
  ModelCard,
} from './prediction/extraction.ts';
export {
  type Chunk,
  type Format,
  type FormatOptions,
  formatOf,
  formats,
  type FormatWriter,
  write,
} from './prediction/formats/index.ts';
export { explain, type ExplainOptions } from './prediction/explain.ts';
export { findEntity, findRelation } from './prediction/explain-find.ts';
export type { Explanation, WordShare } from './prediction/explanation.ts';

// Evaluation
export { evaluateSubmission, type OfficialScores } from './evaluation/official.ts';
export { type Prediction, readSubmission, writeSubmission } from './evaluation/submission.ts';
export { factsOf, loadTrainFacts, type TrainFacts } from './evaluation/train-facts.ts';
export { type CurvePoint, Ranking, type RankingCurve } from './evaluation/ranking.ts';
export { calibrated, type Calibration, type CalibrationCurve } from './core/calibration.ts';
export { assess, type Assessment, type CalibrationFit, fitCalibration } from './evaluation/calibration.ts';
export { type Reliability, type ReliabilityBin } from './evaluation/reliability.ts';
export { type ScoreLevel, ScoreTally } from './evaluation/score-tally.ts';
export { rankDocuments } from './evaluation/rank-documents.ts';
export {
  type EvaluateOptions,
  evaluateSystem,
  type SystemEvaluation,
  type SystemScores,
} from './prediction/evaluate.ts';
export { type EndToEndEvaluation, evaluateEndToEnd } from './prediction/evaluate-end-to-end.ts';
export { type EndToEndScores, endToEndScores } from './evaluation/end-to-end.ts';
export { evaluateTagger } from './prediction/evaluate-tagger.ts';
export { type MentionScores, mentionScores } from './evaluation/mention-scores.ts';
export { type CoreferenceScores, scoreCoreference } from './evaluation/coreference-scores.ts';
export { type DocumentFact, FactList, type ScoredFact, submittedFacts } from './evaluation/facts.ts';
export { type DocumentCounts, documentCounts } from './evaluation/document-counts.ts';
export { breakDown, type Breakdown, type BreakdownRow, type RelationRow } from './evaluation/breakdown.ts';
export {
  type BootstrapOptions,
  type BootstrapResult,
  type Difference,
  pairedBootstrap,
} from './evaluation/bootstrap.ts';

// Systems, and comparisons of them
export { type Quirk, quirks } from './models/quirks.ts';
export { compare, type CompareEvent, type CompareOptions } from './report/compare.ts';
export { type Comparison, readComparison } from './report/comparison.ts';
export { reportHtml } from './report/html.ts';
export { parseRuns, type RunSpec } from './report/run-spec.ts';

// Errors
export { type ErrorCode, RelataError } from './core/errors.ts';
