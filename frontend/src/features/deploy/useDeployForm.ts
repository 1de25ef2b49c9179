"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import type { Deployment } from "@/api/types";
import { pageHref } from "@/features/deployments/describe";
import type { FormControl } from "./FormField";
import { fieldOf } from "./field-errors";
import { EMPTY_FORM, type FieldName, type FormValues } from "./form-values";

/** A form whose refusals land at their field, and whose success leads to the deployment. */
export function useDeployForm(prefix: string, deploy: (values: FormValues) => Promise<Deployment>) {
  const [values, setValues] = useState(EMPTY_FORM);
  const router = useRouter();
  const submission = useMutation({
    mutationFn: deploy,
    onSuccess: (deployment) => router.push(pageHref(deployment.id)),
  });
  const { error, reset } = submission;
  const refused = fieldOf(error);
  useEffect(() => {
    if (refused) document.getElementById(`${prefix}-${refused}`)?.focus();
  }, [refused, prefix]);
  const set = (name: FieldName, value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    if (fieldOf(error) === name) reset();
  };
  const form: FormControl = { values, set, error, prefix };
  return { form, submission, submit: () => submission.mutate(values) };
}
