// The feature store over HTTP, in the shapes of Feast's feature server, so that its clients work.
import Type, { type Static, type TObject } from 'typebox'
import { Value } from 'typebox/value'
import { TastemakerError } from '../../errors.ts'
import { readOnlineFeatures } from '../../features/online-features.ts'
import { writeOnlineRows } from '../../features/online-rows.ts'
import { pushedLine, readPushedRows } from '../../features/pushed-rows.ts'
import { readBody } from '../body.ts'
import type { FeatureDoor, MaterializeRequest } from '../feature-door.ts'
import { type AppContext, json, type Route } from '../route.ts'

/** Most entities, and most values, of one answer. */
const [entitiesLimit, valuesLimit] = [1000, 50_000]

const id = Type.Union([Type.String({ maxLength: 256 }), Type.Integer(), Type.Null()])
const text = Type.String({ maxLength: 256 })
const names = Type.Array(text, { minItems: 1, maxItems: 200 })

const questionSchema = Type.Object({
  features: Type.Optional(
    Type.Array(text, { minItems: 1, maxItems: 200, description: '`view:feature` of each.' }),
  ),
  feature_service: Type.Optional(Type.String({ description: 'Instead of `features`: all of a service.' })),
  entities: Type.Record(Type.String(), Type.Array(id), {
    description: 'Ids by join key. `user_id` may be the service’s own id or a pseudonym.',
  }),
  full_feature_names: Type.Optional(
    Type.Boolean({ description: '`view__feature` as names. Default false.' }),
  ),
})

const answerSchema = Type.Object(
  {
    metadata: Type.Object({ feature_names: Type.Array(Type.String()) }),
    results: Type.Array(
      Type.Object({
        values: Type.Array(Type.Unknown()),
        statuses: Type.Array(Type.Enum(['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE'])),
        event_timestamps: Type.Array(Type.String()),
      }),
      { description: 'One a name, in the order of `feature_names`; places inside are the entities.' },
    ),
  },
  { title: 'OnlineFeatures' },
)

/** `POST /get-online-features` */
export const getOnlineFeatures: Route = {
  method: 'post',
  path: '/get-online-features',
  summary: 'Newest feature values',
  description:
    'The newest values of features for up to 1,000 entities, column by column: first the join keys as they were sent, then the features. A value older than the time to live of its view is OUTSIDE_MAX_AGE and null; an unknown or null entity is NOT_FOUND. Shapes as Feast’s feature server.',
  body: { description: 'What is asked.', schema: questionSchema, types: ['application/json'] },
  answers: { 200: { description: 'The values.', schema: answerSchema } },
  errors: [404, 413, 503],
  async handle({ request }, api) {
    const door = doorOf(api)
    const asked = await readAs(questionSchema, request, api)
    const features = door.registry.resolve(
      asked.feature_service === undefined
        ? { features: asked.features ?? [] }
        : { service: asked.feature_service },
    )
    const places = Math.max(0, ...Object.values(asked.entities).map((ids) => ids.length))
    if (places > entitiesLimit || places * features.length > valuesLimit)
      throw new TastemakerError(
        'too-large',
        `At most ${entitiesLimit} entities and ${valuesLimit} values an answer; ask in parts.`,
      )
    const columns = await readOnlineFeatures(door.lists, {
      features,
      entities: idsOf(asked.entities, api),
      now: api.now(),
      fullNames: asked.full_feature_names ?? false,
    })
    const keys = Object.entries(asked.entities)
    return json({
      metadata: { feature_names: [...keys.map(([name]) => name), ...columns.map(({ name }) => name)] },
      results: [
        ...keys.map(([, ids]) => ({
          values: ids,
          statuses: ids.map(() => 'PRESENT'),
          event_timestamps: ids.map(() => isoSeconds(0)),
        })),
        ...columns.map(({ values, statuses, eventTimestamps }) => ({
          values,
          statuses,
          event_timestamps: eventTimestamps.map(isoSeconds),
        })),
      ],
    })
  },
}

const pushSchema = Type.Object({
  push_source_name: Type.String({ description: 'Name of a feature view.' }),
  df: Type.Record(Type.String(), Type.Array(Type.Unknown()), {
    description: 'Columns: the join keys, `event_timestamp`, and all features of the view.',
  }),
  to: Type.Optional(
    Type.Enum(['online', 'offline', 'online_and_offline'], { description: 'Default online.' }),
  ),
})

/** `POST /push` */
export const pushFeatures: Route = {
  method: 'post',
  path: '/push',
  summary: 'Push feature rows',
  description:
    'Rows for a feature view, checked by type, all or none; on disk when answered. A row never takes the place of one with a later event time online. Shapes as Feast’s feature server.',
  body: { description: 'The rows.', schema: pushSchema, types: ['application/json'] },
  answers: { 200: { description: 'Kept.', schema: Type.Null() } },
  errors: [404, 413, 503],
  async handle({ request }, api) {
    const { push_source_name: name, df, to = 'online' } = await readAs(pushSchema, request, api)
    await keepRows({ name, df, to }, api)
    return json(null)
  },
}

const writeSchema = Type.Object({
  feature_view_name: Type.String(),
  df: Type.Record(Type.String(), Type.Array(Type.Unknown())),
})

/** `POST /write-to-online-store` */
export const writeToOnlineStore: Route = {
  method: 'post',
  path: '/write-to-online-store',
  summary: 'Write feature rows online',
  description: 'As `/push` to `online`, with the view’s name. Shapes as Feast’s feature server.',
  body: { description: 'The rows.', schema: writeSchema, types: ['application/json'] },
  answers: { 200: { description: 'Kept.', schema: Type.Null() } },
  errors: [404, 413, 503],
  async handle({ request }, api) {
    const { feature_view_name: name, df } = await readAs(writeSchema, request, api)
    await keepRows({ name, df, to: 'online' }, api)
    return json(null)
  },
}

type Pushed = Pick<Static<typeof pushSchema>, 'df'> & { readonly name: string; readonly to: string }

async function keepRows({ name, df, to }: Pushed, api: AppContext): Promise<void> {
  const door = doorOf(api)
  const view = door.registry.find(name)
  if (to !== 'offline' && !view.online)
    throw new TastemakerError('bad-argument', `Feature view ${name} has no online copies; push to offline.`)
  const users = df.user_id?.map((user) => (typeof user === 'string' ? api.pseudonymize(user) : user))
  const rows = readPushedRows(view, { ...df, ...(users && { user_id: users }) }, api.now())
  if (rows.length === 0) return
  if (to !== 'online')
    await door.keep(
      view,
      rows.map((row) => pushedLine(view, row)),
    )
  if (to !== 'offline') await writeOnlineRows(door.lists, view, rows)
}

const views = Type.Optional(Type.Union([names, Type.Null()], { description: 'Feature views; default all.' }))
const time = Type.String({ maxLength: 64, description: 'ISO 8601, without a zone UTC.' })
const rangeSchema = Type.Object({ start_ts: time, end_ts: time, feature_views: views })
const incrementSchema = Type.Object({ end_ts: time, feature_views: views })

/** `POST /materialize` */
export const materializeRange: Route = {
  method: 'post',
  path: '/materialize',
  summary: 'Compute feature rows for a stretch of time',
  description:
    'Rows for the end of each UTC day in (start_ts, end_ts], offline; an end in the future is cut to now. Answered when done. Shapes as Feast’s feature server.',
  body: { description: 'The stretch.', schema: rangeSchema, types: ['application/json'] },
  answers: { 200: { description: 'Done.', schema: Type.Null() } },
  errors: [404, 409, 503],
  async handle({ request }, api) {
    const asked = await readAs(rangeSchema, request, api)
    const from = readTime('start_ts', asked.start_ts)
    await materialize(api, { from, to: readTime('end_ts', asked.end_ts) }, asked.feature_views)
    return json(null)
  },
}

/** `POST /materialize-incremental` */
export const materializeIncremental: Route = {
  method: 'post',
  path: '/materialize-incremental',
  summary: 'Bring feature rows up to date',
  description:
    'What came since the last time, late and corrected events included, offline and online; an end in the future is cut to now. Answered when done. Shapes as Feast’s feature server.',
  body: { description: 'Up to when.', schema: incrementSchema, types: ['application/json'] },
  answers: { 200: { description: 'Done.', schema: Type.Null() } },
  errors: [404, 409, 503],
  async handle({ request }, api) {
    const asked = await readAs(incrementSchema, request, api)
    await materialize(api, { to: readTime('end_ts', asked.end_ts) }, asked.feature_views)
    return json(null)
  },
}

async function materialize(
  api: AppContext,
  range: Omit<MaterializeRequest, 'views'>,
  asked: readonly string[] | null | undefined,
): Promise<void> {
  const door = doorOf(api)
  const chosen = asked?.map((name) => door.registry.find(name).name)
  await door.materialize({ ...range, ...(chosen && { views: chosen }) })
}

/** `GET /v1/features` */
export const listFeatures: Route = {
  method: 'get',
  path: '/v1/features',
  summary: 'The feature registry',
  description: 'Every feature view with its entity, features, owner, source, time to live and version.',
  answers: {
    200: {
      description: 'The registry.',
      schema: Type.Object(
        {
          views: Type.Array(Type.Object({ name: Type.String(), version: Type.String() })),
          services: Type.Array(Type.Object({ name: Type.String() })),
        },
        { title: 'FeatureRegistry' },
      ),
    },
  },
  errors: [503],
  async handle(_, api) {
    const { registry } = doorOf(api)
    return json({ views: registry.views.map(({ sql: _sql, ...view }) => view), services: registry.services })
  },
}

function doorOf({ features }: AppContext): FeatureDoor {
  if (features) return features
  throw new TastemakerError('not-ready', 'This process has no feature store.')
}

/** Entity ids as text, listeners by pseudonym. */
const idsOf = (entities: Static<typeof questionSchema>['entities'], api: AppContext) =>
  Object.fromEntries(
    Object.entries(entities).map(([key, ids]) => [
      key,
      ids.map((one) => {
        if (one === null || one === '') return null
        return key === 'user_id' ? api.pseudonymize(String(one)) : String(one)
      }),
    ]),
  )

async function readAs<Schema extends TObject>(
  schema: Schema,
  request: Request,
  api: AppContext,
): Promise<Static<Schema>> {
  doorOf(api)
  const body = parse(await readBody(request))
  const [first] = Value.Errors(schema, body)
  if (!first) return body as Static<Schema>
  const where = first.instancePath === '' ? 'The body' : first.instancePath
  throw new TastemakerError('bad-argument', `${where} ${first.message}.`)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new TastemakerError('bad-input', 'The body is not JSON.', { cause })
  }
}

function readTime(name: string, given: string): number {
  const zoned = /[T ]\d\d:\d\d(:\d\d([.]\d+)?)?$/.test(given) ? `${given.replace(' ', 'T')}Z` : given
  const at = Date.parse(zoned)
  if (Number.isFinite(at)) return at
  throw new TastemakerError('bad-argument', `${name} is a time as 2026-03-01T00:00:00Z.`)
}

const isoSeconds = (time: number): string => new Date(time).toISOString().replace('.000Z', 'Z')
