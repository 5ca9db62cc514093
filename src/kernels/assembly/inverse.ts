// Gram matrices and inverses of large symmetric matrices.
export { zero } from './inline/vector'
