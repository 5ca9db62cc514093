// Counters of the API, written as Prometheus text. Labels are routes, methods and statuses, never an id.

/** Upper ends of the latency buckets, in seconds. */
const bucketSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const

/** What the API counts. */
export type Metrics = {
  /** One request answered. `route` is the template: `/v1/users/{id}`. */
  answered(method: string, route: string, status: number, seconds: number): void
  /** Events of one intake. */
  events(accepted: number, rejected: number): void
  /** All counters and the given gauges in the Prometheus text format, version 0.0.4. */
  text(gauges: readonly Gauge[]): string
}

/** A value as of now. */
export type Gauge = { readonly name: string; readonly help: string; readonly value: number }

type Series = {
  readonly labels: string
  readonly statuses: Map<number, number>
  readonly buckets: Float64Array
  sum: number
  count: number
}

/** Counters at zero. */
export function createMetrics(): Metrics {
  // By route, then method: no text is put together for a request.
  const routes = new Map<string, Map<string, Series>>()
  let accepted = 0
  let rejected = 0
  return {
    answered(method, route, status, seconds) {
      const series = routes.get(route)?.get(method) ?? addSeries(routes, route, method)
      series.statuses.set(status, (series.statuses.get(status) ?? 0) + 1)
      observe(series, seconds)
    },
    events(good, bad) {
      accepted += good
      rejected += bad
    },
    text(gauges) {
      const all = [...routes.values()].flatMap((methods) => [...methods.values()])
      const counters = [
        ...family('tastemaker_http_requests_total', 'counter', 'Requests answered.'),
        ...all.flatMap(requestLines),
        ...family('tastemaker_http_request_duration_seconds', 'histogram', 'Time to answer.'),
        ...all.flatMap(histogramLines),
        ...single('tastemaker_events_accepted_total', 'counter', 'Events kept by the intake.', accepted),
        ...single('tastemaker_events_rejected_total', 'counter', 'Events refused by the intake.', rejected),
      ]
      const values = gauges.flatMap(({ name, help, value }) => single(name, 'gauge', help, value))
      return `${[...counters, ...values].join('\n')}\n`
    },
  }
}

function addSeries(routes: Map<string, Map<string, Series>>, route: string, method: string): Series {
  const series = {
    labels: `method="${method}",route="${route}"`,
    statuses: new Map<number, number>(),
    buckets: new Float64Array(bucketSeconds.length),
    sum: 0,
    count: 0,
  }
  const methods = routes.get(route) ?? new Map<string, Series>()
  routes.set(route, methods.set(method, series))
  return series
}

const requestLines = ({ labels, statuses }: Series): readonly string[] =>
  [...statuses].map(
    ([status, count]) => `tastemaker_http_requests_total{${labels},status="${status}"} ${count}`,
  )

function observe(series: Series, seconds: number): void {
  const bucket = bucketSeconds.findIndex((end) => seconds <= end)
  if (bucket >= 0) series.buckets[bucket]! += 1
  series.sum += seconds
  series.count += 1
}

function histogramLines({ labels, buckets, sum, count }: Series): readonly string[] {
  const name = 'tastemaker_http_request_duration_seconds'
  let below = 0
  const lines = bucketSeconds.map((end, at) => {
    below += buckets[at]!
    return `${name}_bucket{${labels},le="${end}"} ${below}`
  })
  return [
    ...lines,
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ]
}

const family = (name: string, kind: string, help: string): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${kind}`,
]

const single = (name: string, kind: string, help: string, value: number): readonly string[] => [
  ...family(name, kind, help),
  `${name} ${value}`,
]
