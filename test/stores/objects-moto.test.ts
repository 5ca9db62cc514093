// Objects on moto keep the contract.
import { s3ServerContract } from '../contracts/s3-server.ts'
import { moto } from '../servers/s3-servers.ts'

s3ServerContract(moto, { listed: 1200 })
