"use client";

import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";
import { Field } from "@/components/Field";
import { TextInput } from "@/components/TextInput";
import { fieldOf } from "./field-errors";
import type { FieldName, FormValues } from "./form-values";

export interface FormControl {
  values: FormValues;
  set: (name: FieldName, value: string) => void;
  error: unknown;
  /** Tells apart two forms on one page. */
  prefix: string;
}

export interface FormFieldProps {
  form: FormControl;
  name: FieldName;
  label: string;
  hint?: ReactNode;
  placeholder?: string;
  mono?: boolean;
}

/** One field with the server's refusal of it, when there is one. */
export function FormField({ form, name, label, hint, placeholder, mono }: FormFieldProps) {
  const error = fieldOf(form.error) === name && form.error instanceof ApiError ? form.error : null;
  const id = `${form.prefix}-${name}`;
  return (
    <Field id={id} label={label} hint={hint} error={error?.message} remedy={error?.remedy} optional>
      <TextInput
        id={id}
        name={name}
        value={form.values[name]}
        invalid={error !== null}
        mono={mono ?? false}
        placeholder={placeholder}
        onChange={(event) => form.set(name, event.target.value)}
      />
    </Field>
  );
}
