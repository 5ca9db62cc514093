// The pipeline: the jobs in the order in which data flows through them.
import type { Job } from './context.ts'
import { evaluateJob } from './evaluate.ts'
import { featuresJob } from './features.ts'
import { ingestJob } from './ingest.ts'
import { materializeJob } from './materialize.ts'
import { privacyJob } from './privacy.ts'
import { publishJob } from './publish.ts'
import { trainJob } from './train.ts'

/** Who must not be in it goes first; then raw events -> clean events -> features -> models -> measured models -> published lists -> the feature store. */
export const jobs: readonly Job[] = [
  privacyJob,
  ingestJob,
  featuresJob,
  trainJob,
  evaluateJob,
  publishJob,
  materializeJob,
]
