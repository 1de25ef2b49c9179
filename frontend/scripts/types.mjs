/** Writes the types of the API from its OpenAPI document. `--check` says whether they are stale. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../upload-service/openapi.json", import.meta.url);
const TYPES = fileURLToPath(new URL("../src/api/schema.d.ts", import.meta.url));
const HEAD = "/** Generated from upload-service/openapi.json by `npm run types`. Do not edit. */\n\n";

const types = HEAD + astToString(await openapiTS(DOCUMENT, { alphabetize: true }));
if (process.argv.includes("--check")) {
  if (readFileSync(TYPES, "utf8") === types) process.exit(0);
  console.error("src/api/schema.d.ts is stale: run `npm run types`");
  process.exit(1);
}
writeFileSync(TYPES, types);
