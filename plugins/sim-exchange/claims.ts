import type { Claims, SimExchangeOptions } from "veloz"

export const claims = ({ host, port }: Readonly<SimExchangeOptions>): Claims => ({
  ports: [{ host, port, option: "port" }],
})
