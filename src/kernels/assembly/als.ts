// Least squares of many sparse rows: placeholder.
export { zero } from './inline/vector'
