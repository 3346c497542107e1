import { type AlertsOptions, type CheckContext, VelozError } from "veloz"

/** An alert is told of, replaced and removed by its name. */
export function check({ rules }: Readonly<AlertsOptions>, { report }: CheckContext): void {
  for (const error of twins(rules, (index) => `plugins.alerts.rules[${index}]`)) report(error)
}

/** An error for each alert whose name an earlier one has. `place` says where the rule of an index was given. */
export function twins(rules: readonly { readonly name: string }[], place: (index: number) => string): VelozError[] {
  return rules.flatMap(({ name }, index) => {
    const first = rules.findIndex((other) => other.name === name)
    if (first === index) return []
    const field = `${place(index)}.name`
    const message = `${field}: two alerts are called "${name}"; give one of them another name`
    const clashes = [`${place(first)}.name`]
    return new VelozError("VELOZ_ALERT_TWICE", message, { status: 400, httpCode: "bad_params", field, clashes })
  })
}
