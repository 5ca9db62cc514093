// Objects on radosgw keep the contract.
import { s3ServerContract } from '../contracts/s3-server.ts'
import { radosgw } from '../servers/s3-servers.ts'

s3ServerContract(radosgw, { listed: 3000 })
