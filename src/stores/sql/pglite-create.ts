// The entry of a short-lived process that makes an empty embedded Postgres in the folder named by its argument.
import { PGlite } from '@electric-sql/pglite'
import { syncTree } from './pglite-files.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new RangeError('Name the folder to make.')
const database = await PGlite.create(folder)
await database.close()
await syncTree(folder)
