// Many small Cholesky solves.
export { zero } from './inline/vector'
