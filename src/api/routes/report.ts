// The latest evaluation: how good the models are, beside popularity.
import { TastemakerError } from '../../errors.ts'
import { json, type Route } from '../route.ts'
import { reportSchema } from '../schemas.ts'

/** `GET /v1/report` */
export const getReport: Route = {
  method: 'get',
  path: '/v1/report',
  summary: 'The latest evaluation',
  description: 'What was measured on held-out data when the published lists were made.',
  answers: { 200: { description: 'The report.', schema: reportSchema } },
  errors: [404, 503],
  async handle(_, { lists }) {
    const report = await lists.report()
    if (!report)
      throw new TastemakerError('not-found', 'The published lists came without an evaluation report.')
    return json(report)
  },
}
