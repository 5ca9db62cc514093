// The name maker: invented artists, songs and people, with the awkward spellings that real ones have.
import type { Random } from '../statistics/random.ts'

const adjectives =
  'Velvet Hollow Crimson Paper Northern Silent Golden Electric Broken Little Wandering Neon Marble Distant Burning Copper Gentle Wicked Frozen Secret Lunar Drowsy Amber Feral Quiet Rusty Tidal Plastic Sacred Backward'.split(
    ' ',
  )
const nouns =
  'Harbor Foxes Lanterns Orchard Satellites Wolves Parade Cathedral Engines Tigers Meridian Static Gardens Mirrors Sparrows Voyage Thunder Avenue Kites Machines Embers Weather Pilots Monuments Rivers Signals Ghosts Horses Cinema Theory'.split(
    ' ',
  )
const syllables =
  'ka ro mi len sta vo dra ne lu shi tor be zan qui fer mo ly ta rin gal so wen phi bra ju xel ny ori cu dae'.split(
    ' ',
  )
const accented =
  'Björnsvik Étoile Señora Niño Façade Über Ångmar Żółty Čarovná Málaga Søstrene Ñandú Garçon Köyde İnce Wrocław'.split(
    ' ',
  )
const scripts: readonly (readonly [readonly string[], readonly string[], string])[] = [
  [['夜', '海', '青い', '白い', '遠い'], ['電車', '花火', '記憶', '猫', '手紙'], 'の'],
  [['Тихий', 'Синий', 'Последний', 'Зимний'], ['Вокзал', 'Берег', 'Театр', 'Маяк'], ' '],
  [['Μπλε', 'Άγρια', 'Κρυφή'], ['Θάλασσα', 'Νύχτα', 'Σιωπή'], ' '],
  [['푸른', '느린', '새벽'], ['고양이', '바다', '편지'], ' '],
  [['ليل', 'صوت', 'ظل'], ['البحر', 'القمر', 'المدينة'], ' '],
  [['ירח', 'קול'], ['לבן', 'רחוק'], ' '],
]
const verbs =
  'Falling Dancing Waiting Running Dreaming Leaving Coming Sleeping Shining Drifting Calling Breaking'.split(
    ' ',
  )
const places =
  'Home Tonight Again Alone Tomorrow Underwater Slowly Away Together Outside Forever Sideways'.split(' ')
const endings = [
  '',
  '',
  '',
  '',
  '',
  '',
  ' (Live)',
  ' - Remastered 2011',
  ' (Acoustic)',
  ' - Radio Edit',
  '!',
  '?',
]
const firstNames =
  'Ada Bruno Clara Dario Elif Farid Greta Hugo Ines Jonas Kiara Lars Mina Nils Olga Pavel Queenie Rosa Sven Tilda Umar Vera Wanda Xenia Yusuf Zoë André Chloé José Renée Søren Siobhán'.split(
    ' ',
  )
const surnameEndings = ['son', 'ski', 'ez', 'ham', 'ini', 'berg', 'wood', 'ova', '-Marsh', 'ley']

/** One of the items. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.below(items.length)]!
}

/** A word of two to four invented syllables, capitalized. */
function madeUpWord(random: Random): string {
  let word = ''
  for (let count = 2 + random.below(3); count > 0; count--) word += pick(random, syllables)
  return word[0]!.toUpperCase() + word.slice(1)
}

/** Ways to make an artist's name, each with its weight. */
const artistForms: readonly (readonly [weight: number, make: (random: Random) => string])[] = [
  [26, (random) => `${pick(random, adjectives)} ${pick(random, nouns)}`],
  [16, (random) => `The ${pick(random, adjectives)} ${pick(random, nouns)}`],
  [20, (random) => `${madeUpWord(random)} ${madeUpWord(random)}`],
  [12, madeUpWord],
  [4, (random) => `${madeUpWord(random)}, The`],
  [5, (random) => `${madeUpWord(random)} & the ${pick(random, nouns)}`],
  [3, (random) => `${madeUpWord(random)} feat. ${madeUpWord(random)}`],
  [2, (random) => `${madeUpWord(random).toUpperCase()}!`],
  [2, (random) => `${pick(random, adjectives)} "${madeUpWord(random)}" ${pick(random, nouns)}`],
  [2, (random) => `DJ ${madeUpWord(random)} ${random.below(1000)}`],
  [4, (random) => `${pick(random, accented)} ${pick(random, nouns)}`],
  [3, (random) => `${madeUpWord(random)} ${pick(random, accented)}`],
  [
    4,
    (random) => {
      const [first, second, between] = pick(random, scripts)
      return `${pick(random, first)}${between}${pick(random, second)}`
    },
  ],
]
const formWeight = artistForms.reduce((sum, [weight]) => sum + weight, 0)

function artistName(random: Random): string {
  let left = random.uniform() * formWeight
  for (const [weight, make] of artistForms) {
    left -= weight
    if (left < 0) return make(random)
  }
  return madeUpWord(random)
}

/**
 * Invented artist names: all different as written, but one in a hundred is another's name in a different spelling
 * (case, `&` for `and`, without `The`), as real catalogues have.
 */
export function artistNames(count: number, random: Random): readonly string[] {
  const taken = new Set<string>()
  const names: string[] = []
  while (names.length < count) {
    const copies = names.length > 20 && random.uniform() < 0.01
    let name = copies ? respelled(pick(random, names), random) : artistName(random)
    for (let tries = 0; taken.has(name); tries++)
      name = tries < 3 ? artistName(random) : `${name} ${madeUpWord(random)}`
    taken.add(name)
    names.push(name)
  }
  return names
}

function respelled(name: string, random: Random): string {
  const spellings = [
    name.toUpperCase(),
    name.toLowerCase(),
    name.replace('&', 'and'),
    name.replace(/^The /, ''),
    `The ${name}`,
  ].filter((spelling) => spelling !== name)
  return pick(random, spellings)
}

/** A song's title; titles repeat between artists, as they do. */
export function songTitle(random: Random): string {
  const form = random.below(5)
  const ending = pick(random, endings)
  if (form === 0) return `${pick(random, verbs)} ${pick(random, places)}${ending}`
  if (form === 1) return `${pick(random, adjectives)} ${pick(random, nouns)}${ending}`
  if (form === 2) return `${madeUpWord(random)}${ending}`
  if (form === 3) return `${pick(random, verbs)} ${pick(random, nouns)} (feat. ${madeUpWord(random)})`
  return `${pick(random, nouns)}, ${pick(random, places)}${ending}`
}

/** A person's full name, and an email at a domain that is reserved for examples (RFC 2606). */
export function person(random: Random): { readonly fullName: string; readonly email: string } {
  const first = pick(random, firstNames)
  const last = `${madeUpWord(random)}${pick(random, surnameEndings)}`
  const local = `${first}.${last}`
    .normalize('NFD')
    .replace(/[^A-Za-z.-]/g, '')
    .toLowerCase()
  const domain = pick(random, ['example.com', 'example.org', 'example.net'])
  return { fullName: `${first} ${last}`, email: `${local}${random.below(1000)}@${domain}` }
}
