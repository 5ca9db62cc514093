// The floors of the house, top to bottom: a room imports only from the floors below its own, never from its own floor.
export const floors = [
  ['cli', 'index.ts'], // 5 doors
  ['jobs', 'api'], // 4 what runs
  [
    'ingest',
    'features',
    'models',
    'evaluation',
    'serving',
    'experiments',
    'monitoring',
    'simulation',
    'reports',
  ], // 3 stages: they never meet
  ['data', 'stores', 'engine', 'config.ts'], // 2 the nouns, and the outside world
  ['kernels', 'statistics'], // 1 ground: numbers without domain words
  ['errors.ts', 'log.ts'], // 0 what everybody may say
]

const at = (rooms) => `^src/(${rooms.join('|').replaceAll('.', '[.]')})(/|$)`

// The front door's file types may serve a whole floor: stores/ and engine/ describe their ports with the nouns of data/.
const mayMeet = { stores: ['data', 'config.ts'], engine: ['data'] }

const looksDown = floors.flatMap((floor, level) =>
  floor.map((room) => ({
    name: `${room} looks down only`,
    severity: 'error',
    from: { path: at([room]) },
    to: {
      path: at(
        floors
          .slice(0, level + 1)
          .flat()
          .filter((other) => other !== room && !(mayMeet[room] ?? []).includes(other)),
      ),
    },
  })),
)

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...looksDown,
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every room has a floor',
      severity: 'error',
      from: { path: '^src/', pathNot: at(floors.flat()) },
      to: {},
    },
    {
      name: 'only open.ts knows the adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(stores|engine)/' },
      to: {
        path: '^src/(stores/[^/]+|engine)/',
        pathNot: '/(object-store|sql|list-store|journal|engine|workers|files|open)[.]ts$',
      },
    },
    {
      name: 'only the edge touches files and sockets',
      severity: 'error',
      from: { path: '^src/', pathNot: at(['cli', 'api', 'stores', 'engine']) },
      to: {
        dependencyTypes: ['core'],
        path: '^(node:)?(fs|net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads|os|process|readline|inspector)(/|$)',
      },
    },
    {
      name: 'nothing is left over',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['[.]d[.]ts$'] },
      to: {},
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/kernels/assembly/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
