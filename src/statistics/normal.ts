// The normal distribution: its cumulative probability and the way back.

/** Density of the standard normal at x. */
export const normalDensity = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)

/**
 * P(Z <= x) of the standard normal, to about 14 digits in both tails.
 * Near 0 the series of Marsaglia (2004); below -2 the continued fraction of Laplace.
 */
export function normalCumulative(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x > 0) return 1 - normalCumulative(-x)
  if (x < -39) return 0
  return x < -2 ? normalDensity(x) * millsRatio(-x) : 0.5 + normalDensity(x) * oddSeries(x)
}

/** x + x^3/3 + x^5/(3 5) + ... */
function oddSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(sum); n += 2) {
    term *= (x * x) / n
    sum += term
  }
  return sum
}

/** Upper tail over density at x >= 2, as 1/(x + 1/(x + 2/(x + 3/(x + ...)))), from a depth where it has settled. */
function millsRatio(x: number): number {
  let fraction = x
  for (let depth = 40 + Math.ceil(600 / (x * x)); depth >= 1; depth--) fraction = x + depth / fraction
  return 1 / fraction
}

/** The x with P(Z <= x) = p; -Infinity at 0, Infinity at 1, NaN outside. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p > 0.5) return p === 1 ? Number.POSITIVE_INFINITY : -normalQuantile(1 - p)
  const t = Math.sqrt(-2 * Math.log(p))
  // A start within .003 (Abramowitz and Stegun 26.2.22), then Halley's steps, each of which triples the digits.
  let x = (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t)) - t
  for (let step = 0; step < 4; step++) {
    const error = (normalCumulative(x) - p) / normalDensity(x)
    x -= error / (1 + 0.5 * x * error)
  }
  return x
}
