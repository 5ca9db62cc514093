// Weighted co-occurrence of columns.
export { zero } from './inline/vector'
