"use client";

import type { FormEvent } from "react";
import { deployRepository } from "@/api/deployments";
import { ApiError } from "@/api/errors";
import { Button } from "@/components/Button";
import { ErrorState } from "@/components/ErrorState";
import { Field } from "@/components/Field";
import { TextInput } from "@/components/TextInput";
import { BuildOptionsFields } from "./BuildOptionsFields";
import { FormField } from "./FormField";
import { fieldOf } from "./field-errors";
import { buildOptions, type FormValues } from "./form-values";
import { useDeployForm } from "./useDeployForm";

function deploy(values: FormValues) {
  const ref = values.ref.trim();
  return deployRepository({
    git: { url: values.url.trim(), ...(ref !== "" && { ref }) },
    build: buildOptions(values),
  });
}

/** Deploys a repository. */
export function RepositoryForm() {
  const { form, submission, submit } = useDeployForm("repository", deploy);
  const { error } = submission;
  const urlError = fieldOf(error) === "url" && error instanceof ApiError ? error : null;
  const busy = submission.isPending || submission.isSuccess;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };
  return (
    <form onSubmit={onSubmit} noValidate aria-label="Deploy a repository" className="flex flex-col gap-5">
      <Field
        id="repository-url"
        label="Repository URL"
        hint="Any public repository over http or https."
        error={urlError?.message}
        remedy={urlError?.remedy}
      >
        <div className="flex flex-col gap-2 sm:flex-row">
          <TextInput
            id="repository-url"
            name="url"
            type="url"
            inputMode="url"
            autoFocus
            tall
            required
            invalid={urlError !== null}
            placeholder="https://github.com/owner/repository"
            value={form.values.url}
            onChange={(event) => form.set("url", event.target.value)}
          />
          <Button type="submit" look="primary" size="lg" disabled={busy} className="sm:min-w-28">
            {busy ? "Deploying…" : "Deploy"}
          </Button>
        </div>
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <FormField form={form} name="ref" label="Branch, tag or commit" placeholder="The default branch" />
        <FormField
          form={form}
          name="directory"
          label="Directory"
          placeholder="The root of the repository"
          mono
        />
      </div>
      <BuildOptionsFields form={form} />
      {error && !fieldOf(error) && <ErrorState error={error} />}
    </form>
  );
}
