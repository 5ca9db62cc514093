// The counters as Prometheus reads them.
import { expect, test } from 'vitest'
import { createMetrics } from '../../src/api/metrics.ts'
import { openTestApi } from './api.ts'

test('a histogram is cumulative and ends at all', () => {
  const metrics = createMetrics()
  for (const seconds of [0.0004, 0.003, 0.003, 9]) metrics.answered('GET', '/a', 200, seconds)
  metrics.events(3, 1)
  const text = metrics.text([{ name: 'tastemaker_x', help: 'X.', value: 2 }])
  const labels = 'method="GET",route="/a"'
  const lines = text.split('\n')
  expect(lines).toContain(`tastemaker_http_requests_total{${labels},status="200"} 4`)
  expect(lines).toContain(`tastemaker_http_request_duration_seconds_bucket{${labels},le="0.0005"} 1`)
  expect(lines).toContain(`tastemaker_http_request_duration_seconds_bucket{${labels},le="0.005"} 3`)
  expect(lines).toContain(`tastemaker_http_request_duration_seconds_bucket{${labels},le="5"} 3`)
  expect(lines).toContain(`tastemaker_http_request_duration_seconds_bucket{${labels},le="+Inf"} 4`)
  expect(lines).toContain(`tastemaker_http_request_duration_seconds_count{${labels}} 4`)
  expect(lines).toContain('tastemaker_events_accepted_total 3')
  expect(lines).toContain('tastemaker_events_rejected_total 1')
  expect(lines).toContain('tastemaker_x 2')
  expect(text.endsWith('\n')).toBe(true)
})

test('requests count by route template, unknown paths as one, and the lists have an age', async () => {
  const { app } = await openTestApi()
  await app.request('/v1/users/listener-1')
  await app.request('/v1/users/nobody')
  await app.request('/any/thing')
  const text = await (await app.request('/metrics')).text()
  expect(text).toContain('{method="GET",route="/v1/users/{id}",status="200"} 1')
  expect(text).toContain('{method="GET",route="/v1/users/{id}",status="404"} 1')
  expect(text).toContain('{method="GET",route="unmatched",status="404"} 1')
  expect(text).toContain('tastemaker_lists_age_seconds 300')
  expect(text).not.toContain('listener-1')
})
