// Sums of item-item weights and their best columns.
export { zero } from './inline/vector'
