/** What the flags of the commands that train are made from. */
import type { Option } from '@commander-js/extra-typings';

import { isEncoderSize } from '../models/bert-config.ts';
import { isShippedEncoder } from '../models/shipped-encoders.ts';
import { pretrainSchema } from '../training/pretrain-options.ts';
import { isReader, requestSchema } from '../training/request.ts';
import { noRelationOption } from './data-options.ts';
import type { RequestForm } from './request-options.ts';

/** Encoders that go by a name of ours. */
const isNamed = (encoder: string): boolean => isEncoderSize(encoder) || isShippedEncoder(encoder);

export const trainForm = {
  name: 'train',
  schema: requestSchema,
  files: new Set(['train', 'dev', 'trainFacts', 'vocabulary', 'relations', 'wordVectors']),
  isEncoderName: (encoder, { system }) => isNamed(encoder) || isReader({ system: String(system), encoder }),
  made: { noRelation: () => noRelationOption() as unknown as Option },
} satisfies RequestForm<typeof requestSchema>;

export const pretrainForm = {
  name: 'pretrain',
  schema: pretrainSchema,
  files: new Set(['text', 'vocabulary']),
  isEncoderName: isNamed,
} satisfies RequestForm<typeof pretrainSchema>;
