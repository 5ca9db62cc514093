// Objects on versitygw keep the contract.
import { s3ServerContract } from '../contracts/s3-server.ts'
import { versitygw } from '../servers/s3-servers.ts'

s3ServerContract(versitygw, { listed: 3000 })
