import { PROJECT_FOLDER, SCHEMA_FILE, TYPES_FILE } from "../config/project-folder.js"

const SCHEMA = `./${PROJECT_FOLDER}/${SCHEMA_FILE}`

/** What a configuration file says so that editors find them, by the kind of the file. */
export const EDITOR_LINKS = {
  ts: `/// <reference path="./${PROJECT_FOLDER}/${TYPES_FILE}" />`,
  json: `"$schema": "${SCHEMA}"`,
  yaml: `# yaml-language-server: $schema=${SCHEMA}`,
}
