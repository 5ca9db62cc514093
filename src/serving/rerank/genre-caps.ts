// Genre caps: the model's order, with no more than so many artists of one genre.

/**
 * Takes candidates in the model's order and passes over those whose genre has reached the cap. Artists of unknown genre are
 * not capped. The list may come out shorter than k: the cap is never exceeded. Cost n.
 * @param genres by place; -1 where unknown
 * @returns places in the model's order, at most min(k, n) of them
 */
export function capGenres(
  genres: Int32Array,
  { mostPerGenre, k }: { readonly mostPerGenre: number; readonly k: number },
): Int32Array {
  const counts = new Map<number, number>()
  const chosen: number[] = []
  for (let place = 0; place < genres.length && chosen.length < k; place++) {
    const genre = genres[place]!
    const count = counts.get(genre) ?? 0
    if (genre >= 0 && count >= mostPerGenre) continue
    counts.set(genre, count + 1)
    chosen.push(place)
  }
  return Int32Array.from(chosen)
}
