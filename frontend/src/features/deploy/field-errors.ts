import { ApiError } from "@/api/errors";
import { EMPTY_FORM, type FieldName } from "./form-values";

const FIELDS_OF_CODES: Record<string, FieldName> = {
  invalid_url: "url",
  scheme_not_allowed: "url",
  credentials_in_url: "url",
  address_not_allowed: "url",
  invalid_ref: "ref",
};

/** The field that a refusal is about, by its code; none when it is about the whole request. */
export function fieldOf(error: unknown): FieldName | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code !== "invalid_option") return FIELDS_OF_CODES[error.code];
  const named = /\b(?:build\.)?(directory|install|command|output|node|env)\b/.exec(error.message)?.[1];
  return named && named in EMPTY_FORM ? (named as FieldName) : undefined;
}
