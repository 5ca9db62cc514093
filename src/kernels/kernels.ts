// The kernels in use: numbers by shape, all that other rooms import of this one.
import { axpy, dot, gemmNT, gram, potrf, potrs, syrk } from './plain.ts'
import { symmetricEigen } from './plain-eigen.ts'
import { cosineTop, orderTop, sparseSumTop } from './plain-neighbours.ts'
import { solvePrimalRow, solveRows, solveShares, turnRows } from './plain-solve.ts'
import { createTop, productTop } from './plain-top.ts'

/** Every kernel, by name; each is documented where it is defined. */
export const kernels = {
  axpy,
  cosineTop,
  createTop,
  dot,
  gemmNT,
  gram,
  orderTop,
  potrf,
  potrs,
  productTop,
  solvePrimalRow,
  solveRows,
  solveShares,
  sparseSumTop,
  symmetricEigen,
  syrk,
  turnRows,
} as const
