/** What a server counts, for Prometheus. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Counter<'method' | 'route' | 'status'>;
  readonly latency: Histogram<'route'>;
  readonly queueTime: Histogram;
  readonly waitingRequests: Gauge;
  readonly waitingWords: Gauge;
  readonly active: Gauge;
  readonly batchDocuments: Histogram;
  readonly batchWords: Histogram;
  readonly batchSeconds: Histogram;
  readonly documents: Counter;
  readonly words: Counter;
  readonly rejected: Counter<'code'>;
  readonly restarts: Counter;
  readonly ready: Gauge;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/**
 * @param options.process - also the process's own: memory, processor time, event-loop lag, open files
 */
export function createMetrics({ process = false }: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (process) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name: `relata_${name}`, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `relata_${name}`, help, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly L[] = [],
  ): Histogram<L> =>
    new Histogram({
      name: `relata_${name}`,
      help,
      buckets: [...buckets],
      labelNames: [...labelNames],
      registers,
    });
  return {
    registry,
    requests: counter('http_requests_total', 'Answered requests.', ['method', 'route', 'status']),
    latency: histogram('http_request_seconds', 'Time from request to answer.', SECONDS, ['route']),
    queueTime: histogram('queue_seconds', 'Time that a request waited for its first batch.', SECONDS),
    waitingRequests: gauge('queue_requests', 'Requests that wait.'),
    waitingWords: gauge('queue_words', 'Words that wait.'),
    active: gauge('http_requests_active', 'Requests under way.'),
    batchDocuments: histogram('batch_documents', 'Documents of a batch.', [1, 2, 4, 8, 16, 32, 64, 128, 256]),
    batchWords: histogram(
      'batch_words',
      'Words of a batch.',
      [128, 512, 1024, 2048, 4096, 8192, 16384, 32768],
    ),
    batchSeconds: histogram('batch_seconds', 'Time of a batch.', SECONDS),
    documents: counter('documents_total', 'Documents and questions that were answered.'),
    words: counter('words_total', 'Words of them.'),
    rejected: counter('rejected_total', 'Requests that got a problem instead of an answer.', ['code']),
    restarts: counter('engine_restarts_total', 'How often the engine was started again.'),
    ready: gauge('ready', '1 while requests are taken.'),
  };
}
