// The declared table of personal data: what ingest does with each personal column, on accounts and in rejects alike.
import type { AccountRow } from '../data/account.ts'

/** `drop`: leaves no trace. `generalize`: only a coarse form goes on. `pseudonymize`: a keyed pseudonym stands for it. */
export type PiiTreatment = 'drop' | 'generalize' | 'pseudonymize'

/** One kind of personal data. */
export type PiiColumn = {
  /** Name in the `account` table or in the foreign format it comes from. */
  readonly column: string
  readonly treatment: PiiTreatment
  /** What goes on in its place: a field of `Account`, or nothing. */
  readonly becomes: string
  /** Keys under which it may stand in a raw line, in lower case without `_` and `-`. */
  readonly keys: readonly string[]
}

/** What happens to each column of the `account` table; a new column does not compile until it is declared here. */
export const accountTreatments: Readonly<Record<keyof AccountRow, PiiTreatment | 'keep'>> = {
  user_id: 'pseudonymize',
  full_name: 'drop',
  email: 'drop',
  date_of_birth: 'generalize',
  latitude: 'generalize',
  longitude: 'generalize',
  country: 'keep',
}

const drop = (column: string, ...keys: string[]): PiiColumn => ({
  column,
  treatment: 'drop',
  becomes: '',
  keys,
})
const generalize = (column: string, becomes: string, ...keys: string[]): PiiColumn => ({
  column,
  treatment: 'generalize',
  becomes,
  keys,
})

/** Every kind of personal data that ingest knows, and what happens to it. Text of a reject drops all but pseudonyms. */
export const piiColumns: readonly PiiColumn[] = [
  {
    column: 'user_id',
    treatment: 'pseudonymize',
    becomes: 'userId',
    keys: ['user', 'userid', 'username', 'listener', 'listenerid', 'account', 'accountid', 'login', 'uid'],
  },
  drop(
    'full_name',
    'name',
    'fullname',
    'firstname',
    'lastname',
    'surname',
    'givenname',
    'familyname',
    'displayname',
  ),
  drop('email', 'email', 'emailaddress', 'mail'),
  drop('phone', 'phone', 'phonenumber', 'mobile', 'tel'),
  drop('address', 'address', 'street', 'streetaddress', 'postcode', 'postalcode', 'zip', 'zipcode'),
  drop('ip_addr', 'ip', 'ipaddr', 'ipaddress', 'ipaddrdecrypted', 'remoteaddr', 'clientip', 'xforwardedfor'),
  drop('user_agent', 'useragent', 'useragentdecrypted'),
  drop('device', 'deviceid', 'devicename', 'advertisingid', 'idfa', 'token', 'authorization', 'password'),
  generalize('date_of_birth', 'ageGroup', 'dateofbirth', 'dob', 'birthday', 'birthdate', 'born', 'age'),
  generalize('latitude', 'city, state, country', 'latitude', 'lat'),
  generalize('longitude', 'city, state, country', 'longitude', 'lon', 'lng', 'long'),
  drop('coordinates', 'coordinates', 'location', 'geo', 'gps'),
]

const treatments = new Map(piiColumns.flatMap((column) => column.keys.map((key) => [key, column.treatment])))

/** What happens to the value under a key of a raw line; undefined for a key that holds nothing personal. Case, `_` and `-` do not matter. */
export function piiTreatment(key: string): PiiTreatment | undefined {
  return treatments.get(key.toLowerCase().replaceAll(/[_-]/g, ''))
}
