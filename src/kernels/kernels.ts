// The kernels in use: numbers by shape, all that other rooms import of this one.
import { axpy, dot, gemmNT, gram, potrf, potrs, syrk } from './plain.ts'
import { symmetricEigen } from './plain-eigen.ts'
import { cooccurrenceTop, listEnds, orderTop, sparseSumAt, sparseSumTop } from './plain-neighbours.ts'
import { descendRows, solvePrimalRow, solveRows, solveShares, turnRows } from './plain-solve.ts'
import { createTop, productTop } from './plain-top.ts'

/** Every kernel, by name; each is documented where it is defined. */
export const kernels = {
  axpy,
  cooccurrenceTop,
  createTop,
  descendRows,
  dot,
  gemmNT,
  gram,
  listEnds,
  orderTop,
  potrf,
  potrs,
  productTop,
  solvePrimalRow,
  solveRows,
  solveShares,
  sparseSumAt,
  sparseSumTop,
  symmetricEigen,
  syrk,
  turnRows,
} as const
