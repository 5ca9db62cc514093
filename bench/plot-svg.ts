// Draws a line chart as one SVG text: axes with round ticks, and each line named where it runs; readable on light and dark.

/** One axis. */
export type Axis = {
  readonly label: string
  /** Logarithmic: values must be above 0, others are left out. */
  readonly log?: boolean
  /** A value that the axis must reach, such as 0; default: the data alone. */
  readonly including?: number
}

/** One line. */
export type Series = {
  readonly name: string
  /** In drawing order; one point is drawn as a marker alone. Points that are not finite are left out. */
  readonly points: readonly (readonly [x: number, y: number])[]
  /** What a marker says when pointed at, by point; default its coordinates. */
  readonly hints?: readonly string[]
  /** For a limit or a goal; no markers. */
  readonly dashed?: boolean
}

/** A whole chart. */
export type LineChart = {
  readonly title: string
  /** A line of small print below the title: data, protocol, seed. */
  readonly subtitle?: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** Pixels; default 760 x 460. */
  readonly width?: number
  readonly height?: number
}

type Frame = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
type Spot = readonly [x: number, y: number]
type Scale = { readonly at: (value: number) => number; readonly ticks: readonly number[] }
type Line = Series & { readonly spots: readonly Spot[]; readonly colour: number }

/** The chart as SVG, colours following the reader's light or dark setting. The same chart gives the same text. */
export function lineChart(chart: LineChart): string {
  const { title, subtitle, width = 760, height = 460 } = chart
  const finite = chart.series.map((series) => withoutGaps(series, chart))
  const yScale = scaleOf(chart.y, valuesOf(finite, 1), [height - 56, subtitle ? 92 : 74])
  const gutter = Math.max(...tickTexts(chart.y, yScale.ticks).map(textWidth))
  const frame = { left: 24 + gutter, right: width - 28, top: subtitle ? 92 : 74, bottom: height - 56 }
  const xScale = scaleOf(chart.x, valuesOf(finite, 0), [frame.left, frame.right])
  const lines = finite.map((series, at): Line => {
    const spots = series.points.map(([x, y]): Spot => [xScale.at(x), yScale.at(y)])
    return { ...series, spots, colour: at % hues.length }
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${styleSheet}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="20" y="30">${escaped(title)}</text>`,
    ...(subtitle ? [`<text class="small" x="20" y="50">${escaped(subtitle)}</text>`] : []),
    ...axes(chart, frame, { xScale, yScale }),
    ...lines.flatMap(drawnLine),
    ...nameplates(lines, frame),
    '</svg>\n',
  ].join('\n')
}

const hues = [
  ['#0b62a8', '#6cb4ee'],
  ['#c2410c', '#ff9d5c'],
  ['#0f7a55', '#4fd1a1'],
  ['#9d2f7a', '#f08ccf'],
  ['#8a6a00', '#e3c04a'],
  ['#4b4fb5', '#a5a8ff'],
  ['#5c6670', '#aab4be'],
] as const

const coloured = (side: 0 | 1) =>
  hues.map((hue, at) => `.c${at}{stroke:${hue[side]};fill:${hue[side]}}text.c${at}{stroke:none}`).join('')

const styleSheet = [
  'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1c2126}',
  '.title{font-size:17px;font-weight:650}.small,.tick{font-size:12px;fill:#5a646e}.tick{font-variant-numeric:tabular-nums}',
  '.page{fill:#fff}.grid{stroke:#e4e7ea}.axis{stroke:#8b949d}',
  '.line{fill:none!important;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}.dashed{stroke-dasharray:6 5;stroke-width:1.5}',
  '.mark{stroke:#fff!important;stroke-width:1.25}.name{font-weight:600;paint-order:stroke;stroke:#fff!important;stroke-width:4px;stroke-linejoin:round}',
  coloured(0),
  '@media(prefers-color-scheme:dark){text{fill:#e8ebee}.small,.tick{fill:#a2acb6}.page{fill:#14181c}.grid{stroke:#2a3036}.axis{stroke:#67717b}',
  `${coloured(1)}.mark,.name{stroke:#14181c!important}}`,
].join('')

function withoutGaps(series: Series, { x, y }: LineChart): Series {
  const kept = [...series.points.entries()].filter(
    ([, [px, py]]) => Number.isFinite(px) && Number.isFinite(py) && (!x.log || px > 0) && (!y.log || py > 0),
  )
  const hints = kept.map(([at, [px, py]]) => series.hints?.[at] ?? `${px}, ${py}`)
  return { ...series, points: kept.map(([, point]) => point), hints }
}

const valuesOf = (series: readonly Series[], side: 0 | 1): number[] =>
  series.flatMap(({ points }) => points.map((point) => point[side]))

function scaleOf(axis: Axis, values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const all = axis.including === undefined ? values : [...values, axis.including]
  const [low, high] = all.length === 0 ? [1, 2] : [Math.min(...all), Math.max(...all)]
  const ticks = axis.log ? logTicks(low, high) : linearTicks(low, high)
  const through = axis.log ? Math.log : (value: number) => value
  const [first, last] = [through(ticks[0]!), through(ticks.at(-1)!)]
  return { at: (value) => from + ((through(value) - first) / (last - first)) * (to - from), ticks }
}

/** Multiples of 1, 2 or 5 times a power of ten that enclose the values; about six. */
function linearTicks(low: number, high: number): number[] {
  const reach = high - low || Math.abs(high) || 1
  const raw = reach / 5
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999) ?? 10)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1)
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)))
}

/** Powers of ten; with 2 and 5 between them where the values span less than three. */
function logTicks(low: number, high: number): number[] {
  const factors = high / low < 1000 ? [1, 2, 5] : [1]
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high)) + 1]
  const all = Array.from({ length: to - from + 1 }, (_, at) => 10 ** (from + at)).flatMap((power) =>
    factors.map((factor) => Number((factor * power).toPrecision(12))),
  )
  const first = all.findLastIndex((tick) => tick <= low)
  const last = all.findIndex((tick) => tick >= high)
  return all.slice(first, Math.max(last, first + 1) + 1)
}

/** Linear ticks have one unit and one number of digits; logarithmic ones each their own. */
function tickTexts({ log }: Axis, ticks: readonly number[]): string[] {
  const size = Math.max(...ticks.map(Math.abs))
  const step = log ? 1 : ticks[1]! - ticks[0]!
  return ticks.map((tick) => {
    const [divisor, unit] = unitOf(log ? tick : size)
    const digits = Math.max(0, -Math.floor(Math.log10(step / divisor) + 1e-9))
    const format = log ? { maximumFractionDigits: 6 } : { minimumFractionDigits: Math.min(digits, 6) }
    return (tick / divisor).toLocaleString('en-US', format) + (tick === 0 ? '' : unit)
  })
}

function unitOf(size: number): readonly [divisor: number, unit: string] {
  if (size >= 1e6) return [1e6, ' M']
  return size >= 1e4 ? [1e3, ' k'] : [1, '']
}

function axes(
  { x, y }: LineChart,
  { left, right, top, bottom }: Frame,
  { xScale, yScale }: { readonly xScale: Scale; readonly yScale: Scale },
): string[] {
  const yTexts = tickTexts(y, yScale.ticks)
  const xTexts = tickTexts(x, xScale.ticks)
  const rows = yScale.ticks.flatMap((tick, index) => {
    const at = round(yScale.at(tick))
    return [
      `<path class="grid" d="M${round(left)} ${at}H${right}"/>`,
      `<text class="tick" x="${round(left - 8)}" y="${at + 4}" text-anchor="end">${yTexts[index]}</text>`,
    ]
  })
  const columns = xScale.ticks.flatMap((tick, index) => {
    const at = round(xScale.at(tick))
    return [
      `<path class="axis" d="M${at} ${bottom}v5"/>`,
      `<text class="tick" x="${at}" y="${bottom + 20}" text-anchor="middle">${xTexts[index]}</text>`,
    ]
  })
  return [
    ...rows,
    `<path class="axis" d="M${round(left)} ${bottom}H${right}"/>`,
    ...columns,
    `<text x="20" y="${top - 16}">↑ ${escaped(y.label)}</text>`,
    `<text x="${right}" y="${bottom + 42}" text-anchor="end">${escaped(x.label)} →</text>`,
  ]
}

function drawnLine({ spots, hints, dashed, colour }: Line): string[] {
  const path = spots.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
  const line = `<path class="line c${colour}${dashed ? ' dashed' : ''}" d="${path}"/>`
  if (dashed) return [line]
  const marks = spots.map(
    (spot, at) =>
      `<path class="mark c${colour}" d="${mark(colour, spot)}"><title>${escaped(hints?.[at] ?? '')}</title></path>`,
  )
  return [line, ...marks]
}

/** Circle, square, diamond and both triangles in turn: lines differ without their colours too. */
function mark(colour: number, [x, y]: Spot): string {
  const [cx, cy] = [round(x), round(y)]
  if (colour % 5 === 0) return `M${round(x - 4.2)} ${cy}a4.2 4.2 0 1 0 8.4 0a4.2 4.2 0 1 0 -8.4 0Z`
  if (colour % 5 === 1) return `M${round(x - 3.8)} ${round(y - 3.8)}h7.6v7.6h-7.6Z`
  if (colour % 5 === 2) return `M${cx} ${round(y - 5.2)}l5.2 5.2l-5.2 5.2l-5.2 -5.2Z`
  if (colour % 5 === 3) return `M${cx} ${round(y - 5)}l4.8 8.4h-9.6Z`
  return `M${cx} ${round(y + 5)}l4.8 -8.4h-9.6Z`
}

/** The name of each line beside one of its points, where it covers the least. */
function nameplates(lines: readonly Line[], frame: Frame): string[] {
  const inked = lines.flatMap(({ spots }) => alongLine(spots))
  const taken: Box[] = []
  return lines.flatMap((line) => {
    const width = textWidth(line.name)
    const places = line.spots.flatMap((spot, at) =>
      offsets.map(([dx, dy], side) => {
        const x = spot[0] + dx * 10 - ((1 - dx) / 2) * width
        const box = { x, y: spot[1] + dy * 16 - 8, width, height: 16 }
        return {
          box,
          cost: costOf(box, { inked, taken, frame }) + side / 8 + (line.spots.length - 1 - at) / 4,
        }
      }),
    )
    const best = places.sort((a, b) => a.cost - b.cost)[0]
    if (!best) return []
    taken.push(best.box)
    return [
      `<text class="name c${line.colour}" x="${round(best.box.x)}" y="${round(best.box.y + 12)}">${escaped(line.name)}</text>`,
    ]
  })
}

/** Right, above, below, left, and the corners. */
const offsets: readonly Spot[] = [
  [1, 0],
  [0, -1],
  [0, 1],
  [-1, 0],
  [1, -0.7],
  [1, 0.7],
  [-1, -0.7],
  [-1, 0.7],
]

type Surroundings = { readonly inked: readonly Spot[]; readonly taken: readonly Box[]; readonly frame: Frame }

function costOf(box: Box, { inked, taken, frame }: Surroundings): number {
  const right = box.x + box.width
  const below = box.y + box.height
  const outside =
    box.x < frame.left + 2 || right > frame.right + 20 || box.y < frame.top - 8 || below > frame.bottom
  const hidden = inked.filter(([x, y]) => x > box.x - 4 && x < right + 4 && y > box.y - 1 && y < below + 1)
  const clashes = taken.filter(
    (other) =>
      box.x < other.x + other.width + 4 &&
      other.x < right + 4 &&
      box.y < other.y + other.height &&
      other.y < below,
  )
  return (outside ? 1000 : 0) + clashes.length * 200 + hidden.length
}

/** Spots every few pixels along a line. */
function alongLine(spots: readonly Spot[]): Spot[] {
  return spots.flatMap(([x, y], at) => {
    const [toX, toY] = spots[at + 1] ?? [x, y]
    const steps = Math.max(1, Math.ceil(Math.hypot(toX - x, toY - y) / 4))
    return Array.from(
      { length: steps },
      (_, step): Spot => [x + ((toX - x) * step) / steps, y + ((toY - y) * step) / steps],
    )
  })
}

/** About the width of a text in pixels; a browser's fonts differ by some percent. */
const textWidth = (text: string): number => 7.4 * text.length

const round = (value: number): number => Math.round(value * 10) / 10

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
