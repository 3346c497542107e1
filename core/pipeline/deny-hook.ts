import Hook from "tapable/lib/Hook.js"
import HookCodeFactory, { type Content } from "tapable/lib/HookCodeFactory.js"

/**
 * A hook that may object, on tapable's compiler: each tap answers 0 or a deny reason, and the first other than 0 ends
 * the call and is its result. (A SyncBailHook would take 0 for an answer and skip the checks that follow.)
 */
export class DenyHook<Arguments extends unknown[]> extends Hook<Arguments, number> {
  override compile(options: object): (...args: Arguments) => number {
    factory.setup(this, options)
    return factory.create(options) as unknown as (...args: Arguments) => number
  }
}

class DenyHookCodeFactory extends HookCodeFactory {
  content({ onError, onResult, rethrowIfPossible }: Content): string {
    return this.callTapsSeries({
      onError: (_index, error) => onError(error),
      onResult: (_index, result, next) => `if (${result} !== 0) {\n${onResult(result)}} else {\n${next()}}\n`,
      onDone: () => onResult("0"),
      resultReturns: true,
      rethrowIfPossible,
    })
  }
}

const factory = new DenyHookCodeFactory()
