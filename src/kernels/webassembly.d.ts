// The part of the WebAssembly API that the kernels use; the standard typings bring it only with a browser's.
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true })
    readonly buffer: SharedArrayBuffer
  }
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory; abort(): void } })
    readonly exports: unknown
  }
  function validate(bytes: Uint8Array): boolean
}
