"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { DropOverlay } from "./DropOverlay";
import type { Picked } from "./dropped-files";
import { PickButtons } from "./PickButtons";
import { RecentDeployments } from "./RecentDeployments";
import { RepositoryForm } from "./RepositoryForm";
import { useDrop } from "./useDrop";

const OtherWays = dynamic(() => import("./OtherWays").then((module) => module.OtherWays), { ssr: false });
const UploadForm = dynamic(() => import("./UploadForm").then((module) => module.UploadForm), { ssr: false });

/** A repository, or what is dropped onto the page. */
export function DeployPage() {
  const [picked, setPicked] = useState<Picked | null>(null);
  const over = useDrop(setPicked);
  return (
    <div className="grid items-start gap-8 xl:grid-cols-[minmax(0,1fr)_20rem]">
      {over && <DropOverlay />}
      <div className="flex min-w-0 flex-col gap-8">
        <div className="rounded-lg border border-line bg-raised">
          {picked ? (
            <div className="p-4 sm:p-6">
              <UploadForm picked={picked} onRemove={() => setPicked(null)} />
            </div>
          ) : (
            <>
              <div className="p-4 sm:p-6">
                <RepositoryForm />
              </div>
              <div className="flex flex-col items-center gap-3 border-line border-t px-4 py-6 text-center">
                <p className="text-muted text-sm">Or drop a folder or an archive anywhere on this page.</p>
                <PickButtons onPick={setPicked} />
              </div>
            </>
          )}
        </div>
        <RecentDeployments />
      </div>
      <OtherWays />
    </div>
  );
}
