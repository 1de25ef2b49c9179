"use client";

import { ChevronRight } from "lucide-react";
import { ApiError } from "@/api/errors";
import { Field } from "@/components/Field";
import { INPUT_CLASS } from "@/components/TextInput";
import { type FormControl, FormField } from "./FormField";
import { fieldOf } from "./field-errors";

const FOLDED = new Set(["install", "command", "output", "node", "env"]);

/** Folded away: most projects say all of this themselves. Opens by itself when one of its fields was refused. */
export function BuildOptionsFields({ form }: { form: FormControl }) {
  const refused = fieldOf(form.error);
  return (
    <details open={(refused && FOLDED.has(refused)) || undefined} className="group">
      <summary className="-mx-1 inline-flex list-none items-center gap-1.5 rounded px-1 font-medium text-muted text-sm hover:text-ink">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        Build options
      </summary>
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        <FormField form={form} name="install" label="Install command" placeholder="npm ci" mono />
        <FormField form={form} name="command" label="Build command" placeholder="npm run build" mono />
        <FormField form={form} name="output" label="Output folder" placeholder="dist" mono />
        <FormField form={form} name="node" label="Node version" placeholder="22" mono />
        <div className="sm:col-span-2">
          <EnvField form={form} />
        </div>
      </div>
    </details>
  );
}

function EnvField({ form }: { form: FormControl }) {
  const error = fieldOf(form.error) === "env" && form.error instanceof ApiError ? form.error : null;
  const id = `${form.prefix}-env`;
  return (
    <Field
      id={id}
      label="Variables"
      hint="NAME=value, one a line. Builds see them; so may the site, if the build writes them into it."
      error={error?.message}
      remedy={error?.remedy}
      optional
    >
      <textarea
        id={id}
        rows={3}
        spellCheck={false}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-note`}
        className={`${INPUT_CLASS} resize-y py-2 font-mono text-sm`}
        placeholder="VITE_API_URL=https://api.example.com"
        value={form.values.env}
        onChange={(event) => form.set("env", event.target.value)}
      />
    </Field>
  );
}
