// The listeners that never were: who they are (accounts), what they like, how much and when they listen.
import type { AccountRow } from '../data/account.ts'
import type { Random } from '../statistics/random.ts'
import { scrambled } from './catalogue.ts'
import { type City, cities } from './cities.ts'
import { genreLeanings, genres, normalize, tasteFactors, unitNormal } from './genres.ts'
import { person } from './names.ts'

/** Genres that a listener moves among. */
export const favouriteGenres = 4

/** One listener's habits. */
export type Listener = {
  readonly userId: string
  /** `"user":"...","at":` of every event. */
  readonly card: string
  /** Ways of writing the time, and whether events carry an id: three generations of the application. */
  readonly client: 'milliseconds' | 'iso' | 'old'
  readonly variant: 'control' | 'treatment'
  /** Sessions compared with the average listener. */
  readonly activity: number
  /** First and last day of use, counted from 0; days outside have no events. */
  readonly firstDay: number
  readonly lastDay: number
  /** Hours ahead of UTC. */
  readonly offsetHours: number
  /** Share of listens that go to artists not known yet. */
  readonly curiosity: number
  /** Artists known before the first day. */
  readonly known: number
  /** Level in twentieths, 0..20. */
  readonly volume: number
}

/** All listeners, by index. */
export type Audience = {
  readonly listeners: readonly Listener[]
  readonly accounts: readonly AccountRow[]
  /** Unit taste vectors, listeners x `tasteFactors`, row-major. */
  readonly vectors: Float32Array
  /** Genre indices, listeners x `favouriteGenres`, most liked first. */
  readonly genreOf: Uint8Array
  /** Cumulative shares of those genres, ending at 1; same shape. */
  readonly genreShare: Float32Array
}

const dayMs = 86_400_000
/** Share of accounts that lack a given field; one listener in 200 has no account row at all. */
const missingField = 0.02
const missingAccount = 0.005
const cityWeight = cities.reduce((sum, { weight }) => sum + weight, 0)

/**
 * Invents the listeners.
 * @param options.vectors taste vectors of the genres, see `genreVectors`
 * @param options.endAt ages are as of then, ms UTC; `options.days` how many days the history covers
 */
export function createAudience(
  count: number,
  random: Random,
  options: { readonly vectors: Float32Array; readonly endAt: number; readonly days: number },
): Audience {
  const vectors = new Float32Array(count * tasteFactors)
  const genreOf = new Uint8Array(count * favouriteGenres)
  const genreShare = new Float32Array(count * favouriteGenres)
  const listeners: Listener[] = []
  const accounts: AccountRow[] = []
  const tastes = random.fork('tastes')
  const habits = random.fork('habits')
  const people = random.fork('people')
  for (let index = 0; index < count; index++) {
    const age = 14 + Math.min(70, 11 * people.gamma(1.9))
    const city = drawCity(people)
    const part = [index * favouriteGenres, (index + 1) * favouriteGenres] as const
    const taste = drawTaste(genreLeanings(age, city.region), tastes)
    genreOf.set(taste.order, part[0])
    genreShare.set(taste.shares, part[0])
    vectors.set(tasteVector(taste, options.vectors, tastes), index * tasteFactors)
    const userId = `user-${scrambled(index + 0x5bd1)}`
    listeners.push(createListener(userId, habits, { city, days: options.days }))
    const account = createAccount(userId, people, { city, age, endAt: options.endAt })
    if (people.uniform() >= missingAccount) accounts.push(account)
  }
  return { listeners, accounts, vectors, genreOf, genreShare }
}

type Taste = { readonly order: readonly number[]; readonly shares: readonly number[] }

/** A few genres out of the leanings; the gamma of a small shape makes people choosy. */
function drawTaste(leanings: Float64Array, random: Random): Taste {
  const weights = leanings.map((leaning) => leaning * random.gamma(0.4))
  const order = Array.from(genres.keys())
    .sort((a, b) => weights[b]! - weights[a]!)
    .slice(0, favouriteGenres)
  const sum = order.reduce((total, genre) => total + weights[genre]!, 0)
  let share = 0
  const shares = order.map((genre) => {
    share += weights[genre]! / sum
    return share
  })
  return { order, shares }
}

function tasteVector({ order, shares }: Taste, ofGenre: Float32Array, random: Random): Float32Array {
  const own = unitNormal(random)
  const vector = own.map((value) => 0.25 * value)
  for (const [place, genre] of order.entries()) {
    const share = shares[place]! - (shares[place - 1] ?? 0)
    for (let f = 0; f < tasteFactors; f++) vector[f]! += share * ofGenre[genre * tasteFactors + f]!
  }
  normalize(vector)
  return vector
}

/** One in four joins late, one in eight leaves early. */
function createListener(
  userId: string,
  random: Random,
  { city, days }: { readonly city: City; readonly days: number },
): Listener {
  const joinsLate = random.uniform() < 0.25
  const firstDay = joinsLate ? random.below(days) : 0
  const leavesEarly = random.uniform() < 0.125
  const lastDay = leavesEarly ? firstDay + random.below(days - firstDay) : days - 1
  const generation = random.uniform()
  const client = generation < 0.55 ? 'milliseconds' : generation < 0.95 ? 'iso' : 'old'
  return {
    userId,
    card: `"user":${JSON.stringify(userId)},"at":`,
    client,
    variant: random.uniform() < 0.5 ? 'control' : 'treatment',
    activity: 0.15 + random.gamma(1.6) / 1.9,
    firstDay,
    lastDay,
    offsetHours: Math.round(city.longitude / 15),
    curiosity: 0.04 + 0.36 * random.beta(1.6, 3.5),
    known: joinsLate ? 6 + random.below(14) : 24 + random.below(40),
    volume: 5 + random.below(14),
  }
}

function createAccount(
  userId: string,
  random: Random,
  who: { readonly city: City; readonly age: number; readonly endAt: number },
): AccountRow {
  const { fullName, email } = person(random)
  const kept = <Value>(value: Value): Value | null => (random.uniform() < missingField ? null : value)
  const bornAt = who.endAt - who.age * 365.25 * dayMs
  const impossible = random.uniform() < 0.002
  const place = kept([
    rounded(who.city.latitude + 0.03 * random.normal()),
    rounded(who.city.longitude + 0.03 * random.normal()),
  ])
  return {
    user_id: userId,
    full_name: kept(fullName),
    email: kept(email),
    date_of_birth: kept(impossible ? '1890-01-01' : new Date(bornAt).toISOString().slice(0, 10)),
    latitude: place?.[0] ?? null,
    longitude: place?.[1] ?? null,
    country: kept(who.city.country),
  }
}

const rounded = (degrees: number): number => Math.round(degrees * 1e5) / 1e5

function drawCity(random: Random): City {
  let left = random.uniform() * cityWeight
  const city = cities.find(({ weight }) => {
    left -= weight
    return left < 0
  })
  return city ?? cities[0]!
}
