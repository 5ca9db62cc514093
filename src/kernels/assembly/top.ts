// The k best of dense products.
export { zero } from './inline/vector'
