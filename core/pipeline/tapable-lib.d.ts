// The two halves of tapable that a hook of one's own is made of; its package types only the finished hooks.
declare module "tapable/lib/Hook.js" {
  export default class Hook<Arguments extends unknown[], Result> {
    constructor(args: string[], name?: string)
    compile(options: object): (...args: Arguments) => Result
    tap(name: string, fn: (...args: Arguments) => Result): void
    call(...args: Arguments): Result
    tapAsync: unknown
    tapPromise: unknown
  }
}

declare module "tapable/lib/HookCodeFactory.js" {
  export interface Content {
    onError(error: string): string
    onResult(result: string): string
    onDone(): string
    resultReturns: boolean
    rethrowIfPossible: boolean
  }
  export default class HookCodeFactory {
    setup(hook: object, options: object): void
    create(options: object): (...args: never[]) => never
    protected callTapsSeries(options: {
      onError(index: number, error: string): string
      onResult(index: number, result: string, next: () => string): string
      onDone(): string
      resultReturns: boolean
      rethrowIfPossible: boolean
    }): string
  }
}
