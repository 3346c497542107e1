const MARK = "veloz?"

type Definer = (definition: object) => object

/** What a bundle requires for the `veloz` that one of its files imports. */
export function doorOf(file: string): string {
  return MARK + file
}

/** Opens a door as a file of a bundle sees it: plugins that it defines know where. */
export function openDoor(name: string, open: (name: string) => unknown): unknown {
  if (!name.startsWith(MARK)) return open(name)
  const veloz = open("veloz") as { readonly definePlugin: Definer }
  const file = name.slice(MARK.length)
  const definePlugin: Definer = (definition) => Object.assign(veloz.definePlugin(definition), { file })
  return { ...veloz, definePlugin }
}
