// Certificates for tests, made by openssl: an authority, and what it or another one vouches for.
import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An authority of our own. */
export type Authority = {
  /** PEM file of its certificate. */
  readonly path: string
  /** A certificate and its key, PEM, for a subject alternative name such as `DNS:localhost` or `IP:127.0.0.1`. */
  issue(subjectName: string): Promise<{ readonly certificate: string; readonly key: string }>
}

/** Whether openssl is there to make certificates with. */
export const hasOpenssl = (): boolean => spawnSync(program, ['version']).status === 0

const program = 'openssl'

/** Makes an authority in a folder; its files bear its name. */
export async function createAuthority(folder: string, name: string): Promise<Authority> {
  const file = (suffix: string): string => join(folder, `${name}${suffix}`)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl([
    'req',
    '-x509',
    ...key,
    '-keyout',
    file('.key'),
    '-out',
    file('.pem'),
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
  ])
  let issued = 0
  return {
    path: file('.pem'),
    async issue(subjectName) {
      const own = `-${++issued}`
      openssl([
        'req',
        ...key,
        '-keyout',
        file(`${own}.key`),
        '-out',
        file(`${own}.csr`),
        '-subj',
        '/CN=server',
      ])
      await writeFile(file(`${own}.ext`), `subjectAltName=${subjectName}\n`)
      const request = ['-in', file(`${own}.csr`), '-extfile', file(`${own}.ext`), '-out', file(`${own}.pem`)]
      openssl([
        'x509',
        '-req',
        '-CA',
        file('.pem'),
        '-CAkey',
        file('.key'),
        '-CAcreateserial',
        '-days',
        '2',
        ...request,
      ])
      return {
        certificate: await readFile(file(`${own}.pem`), 'utf8'),
        key: await readFile(file(`${own}.key`), 'utf8'),
      }
    },
  }
}

function openssl(words: readonly string[]): void {
  const done = spawnSync(program, [...words], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`openssl ${words[0]} failed: ${done.stderr}`)
}
