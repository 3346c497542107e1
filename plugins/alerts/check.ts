import { type AlertsOptions, VelozError } from "veloz"

/** An alert is told of, replaced and removed by its name. */
export function check({ rules }: Readonly<AlertsOptions>): void {
  refuseTwins(rules, (index) => `plugins.alerts.rules[${index}]`)
}

/** `place` says where the rule of an index was given. */
export function refuseTwins(rules: readonly { readonly name: string }[], place: (index: number) => string): void {
  for (const [index, { name }] of rules.entries()) {
    if (rules.findIndex((other) => other.name === name) === index) continue
    const field = `${place(index)}.name`
    const message = `${field}: two alerts are called "${name}"; give one of them another name`
    throw new VelozError("VELOZ_ALERT_TWICE", message, { status: 400, httpCode: "bad_params", field })
  }
}
