import {
  type AlertRuleOptions,
  type AlertRuleSettings,
  type AlertsOptions,
  type ControlContext,
  VelozError,
} from "veloz"
import type { Alerts } from "./alerts.js"
import { twins } from "./check.js"

const PATH = "/api/alerts/latency"

/**
 * Alerts over HTTP. They are the option `rules`, and change as options do: what is set here is shown by GET /api/config,
 * and lasts until the process ends or the list in the file is changed.
 */
export function addAlertRoutes({ http, engine, schema }: ControlContext<AlertsOptions>, alerts: Alerts): void {
  /** Read from the engine when a change's turn has come: another may have come before it. */
  const rules = (): readonly AlertRuleOptions[] => {
    return (engine.configuration.effective().plugins as { alerts: AlertsOptions }).alerts.rules
  }
  const change = async (edit: () => readonly AlertRuleSettings[], author: string): Promise<object> => {
    await engine.configuration.change(() => ({ "plugins.alerts.rules": edit() }), author)
    return { ok: true, alerts_configured: rules().length }
  }

  http.route({
    method: "GET",
    url: PATH,
    summary: "The alerts, and how each stands",
    handler: () => ({ alerts: alerts.readings() }),
  })
  http.route({
    method: "POST",
    url: PATH,
    summary: "Adds alerts; one of the same name is replaced",
    body: {
      required: ["alerts"],
      properties: { alerts: { ...(schema.properties.rules as object), minItems: 1 } },
    },
    handler: ({ body }) => {
      const added = body.alerts as AlertRuleSettings[]
      const [twin] = twins(added, (index) => `alerts.${index}`)
      if (twin !== undefined) throw twin
      for (const [index, { metric }] of added.entries()) engine.metrics.requireFigure(metric, `alerts.${index}.metric`)
      return change(() => [...without(rules(), added), ...added], `POST ${PATH}`)
    },
  })
  http.route({
    method: "DELETE",
    url: `${PATH}/:name`,
    summary: "Removes an alert",
    handler: ({ params: { name } }) => {
      if (!rules().some((rule) => rule.name === name)) throw alertNotFoundError(name, rules())
      return change(() => without(rules(), [{ name }]), `DELETE ${PATH}`)
    },
  })
}

function without(rules: readonly AlertRuleOptions[], others: readonly { readonly name: string }[]): AlertRuleOptions[] {
  return rules.filter(({ name }) => !others.some((other) => other.name === name))
}

function alertNotFoundError(name: string, rules: readonly AlertRuleOptions[]): VelozError {
  const known = rules.length === 0 ? "there is none" : `there are ${rules.map((rule) => rule.name).join(", ")}`
  return new VelozError("VELOZ_ALERT_NOT_FOUND", `no alert is called ${JSON.stringify(name)}: ${known}`, {
    status: 404,
    httpCode: "not_found",
    field: "name",
  })
}
