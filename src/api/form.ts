// Parameters of the doors that speak in forms: those of the address and those of the body together.

/** Parameters by name; a name may come several times. */
export type Form = URLSearchParams

const read = new WeakMap<Request, Form>()

/** Puts the parameters of a request together; the body's come after the address's. Remembered for `formOf`. */
export function readForm(request: Request, body: string): Form {
  const form = addressOf(request)
  for (const [name, value] of new URLSearchParams(body)) form.append(name, value)
  read.set(request, form)
  return form
}

/** The parameters as far as they were read: for telling an error in the form that was asked for. */
export const formOf = (request: Request): Form => read.get(request) ?? addressOf(request)

function addressOf(request: Request): Form {
  const at = request.url.indexOf('?')
  return new URLSearchParams(at < 0 ? '' : request.url.slice(at))
}
