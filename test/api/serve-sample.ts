// Serves the sample on a port, to look at the page: `node test/api/serve-sample.ts 7701 [key]`.
import { createApp } from '../../src/api/app.ts'
import { openConsoleFiles } from '../../src/api/console-files.ts'
import { createMetrics } from '../../src/api/metrics.ts'
import { serveNode } from '../../src/api/node.ts'
import { readSettings } from '../../src/config.ts'
import { silentLog } from '../../src/log.ts'
import { openListReader } from '../../src/serving/list-reader.ts'
import { openJournal, openLists } from '../../src/stores/open.ts'
import { publishSample, samplePseudonym, sampleTime } from './sample.ts'

const [port = '7701', apiKey = '', listeners = '640'] = process.argv.slice(2)
const lists = await openLists('memory:')
if (listeners !== '0') await publishSample(lists, { listeners: Number(listeners), artists: 400, k: 100 })
const app = createApp({
  lists: openListReader(lists),
  journal: await openJournal('memory:'),
  pseudonymize: samplePseudonym,
  ingest: readSettings().ingest,
  now: () => sampleTime + 3.2 * 3_600_000,
  apiKey,
  log: silentLog,
  metrics: createMetrics(),
  consoleFiles: await openConsoleFiles(),
})
const server = await serveNode(app, { host: '127.0.0.1', port: Number(port), apiKey })
console.log(server.url)
