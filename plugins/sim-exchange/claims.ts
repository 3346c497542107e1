import type { Claims, SimExchangeOptions, Surroundings } from "veloz"

export const claims = ({ host, port }: Readonly<SimExchangeOptions>, { config }: Surroundings): Claims => ({
  ports: config.venue.kind === "sim" ? [{ host, port, option: "port" }] : [],
})
