// The counters, for Prometheus.
import type { Journal } from '../../stores/journal/journal.ts'
import type { Gauge } from '../metrics.ts'
import type { Route } from '../route.ts'

/** `GET /metrics` */
export const getMetrics: Route = {
  method: 'get',
  path: '/metrics',
  summary: 'Counters in the Prometheus text format',
  description:
    'Requests by route and status, time to answer, age of the lists, events taken, what lies in the journal.',
  answers: { 200: { description: 'The counters.', type: 'text/plain; version=0.0.4; charset=utf-8' } },
  async handle(_, { lists, metrics, now, journal }) {
    const published = await lists.current()
    const gauges = published
      ? [
          {
            name: 'tastemaker_lists_age_seconds',
            help: 'Time since the lists were published.',
            value: Math.max(0, (now() - published.publishedAt) / 1000),
          },
          {
            name: 'tastemaker_lists_listeners',
            help: 'Listeners in the published lists.',
            value: published.listeners,
          },
        ]
      : []
    const ready = {
      name: 'tastemaker_ready',
      help: '1 when lists are published.',
      value: published ? 1 : 0,
    }
    return {
      body: metrics.text([ready, ...gauges, ...journalGauges(journal)]),
      type: 'text/plain; version=0.0.4; charset=utf-8',
    }
  },
}

function journalGauges(journal: Journal | undefined): readonly Gauge[] {
  if (!journal) return []
  const { waitingBytes, storedBytes, commits } = journal.load()
  return [
    {
      name: 'tastemaker_journal_waiting_bytes',
      help: 'Bytes of events on their way to the disk.',
      value: waitingBytes,
    },
    {
      name: 'tastemaker_journal_stored_bytes',
      help: 'Bytes of events that are not in the raw event store yet.',
      value: storedBytes,
    },
    {
      name: 'tastemaker_journal_commits',
      help: 'Writes to the disk that events were acknowledged after.',
      value: commits,
    },
  ]
}
