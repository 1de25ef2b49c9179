import type { BuildOptions } from "@/api/types";

/** What stands in the form, as typed. */
export interface FormValues {
  url: string;
  ref: string;
  directory: string;
  install: string;
  command: string;
  output: string;
  node: string;
  env: string;
}

export type FieldName = keyof FormValues;

export const EMPTY_FORM: FormValues = {
  url: "",
  ref: "",
  directory: "",
  install: "",
  command: "",
  output: "",
  node: "",
  env: "",
};

/** Only what was filled in; the server decides the rest, and whether it is acceptable. */
export function buildOptions(values: FormValues): BuildOptions {
  const named = (["directory", "install", "command", "output", "node"] as const).flatMap((name) => {
    const value = values[name].trim();
    return value === "" ? [] : [[name, value] as const];
  });
  const env = variables(values.env);
  return { ...Object.fromEntries(named), ...(Object.keys(env).length > 0 && { env }) };
}

/** `NAME=value`, one a line; empty lines and `#` comments are left out, as in a `.env`. */
export function variables(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const equals = line.indexOf("=");
      return equals < 0 ? [line.trim(), ""] : [line.slice(0, equals).trim(), line.slice(equals + 1)];
    }),
  );
}
