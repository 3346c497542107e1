/** Beside the configuration file. */
export const EDITOR_FOLDER = ".veloz"
export const TYPES_FILE = "types.d.ts"
export const SCHEMA_FILE = "config.schema.json"

const SCHEMA = `./${EDITOR_FOLDER}/${SCHEMA_FILE}`

/** What a configuration file says so that editors find them, by the kind of the file. */
export const EDITOR_LINKS = {
  ts: `/// <reference path="./${EDITOR_FOLDER}/${TYPES_FILE}" />`,
  json: `"$schema": "${SCHEMA}"`,
  yaml: `# yaml-language-server: $schema=${SCHEMA}`,
}
