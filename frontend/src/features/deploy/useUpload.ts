"use client";

import { useRef, useState } from "react";
import { deployArchive } from "@/api/deployments";
import type { UploadProgress } from "@/api/transport";
import type { Picked } from "./dropped-files";
import { buildOptions, type FormValues } from "./form-values";
import { shownName } from "./shown-name";
import { tarOf } from "./tar";
import { useDeployForm } from "./useDeployForm";

/** Sends a folder or an archive, and says how much of it is out. */
export function useUpload(picked: Picked, prebuilt: boolean) {
  const [progress, setProgress] = useState<UploadProgress | null>(null);
  const stop = useRef<AbortController>(null);
  const deploy = async (values: FormValues) => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    const { archive, contentType, name } = await sent(picked, prebuilt);
    const build = prebuilt ? {} : buildOptions(values);
    try {
      return await deployArchive({
        archive,
        contentType,
        prebuilt,
        name,
        build,
        signal,
        onProgress: setProgress,
      });
    } finally {
      setProgress(null);
    }
  };
  const { form, submission, submit } = useDeployForm("upload", deploy);
  return { form, submission, submit, progress, stop: () => stop.current?.abort() };
}

interface Sent {
  archive: Blob;
  contentType: string;
  name: string | undefined;
}

async function sent(picked: Picked, prebuilt: boolean): Promise<Sent> {
  const name = shownName(picked.name);
  if (picked.kind === "archive") return { archive: picked.file, contentType: picked.contentType, name };
  const { files } = await picked.gather(prebuilt ? "site" : "source");
  return { archive: tarOf(files), contentType: "application/x-tar", name };
}
