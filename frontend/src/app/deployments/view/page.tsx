import type { Metadata } from "next";
import { Suspense } from "react";
import { DeploymentPage } from "@/features/deployments/DeploymentPage";
import { DeploymentSkeleton } from "@/features/deployments/DeploymentSkeleton";

export const metadata: Metadata = { title: "Deployment" };

/** `?id=`: a static export knows no ids, so they are no part of the path. */
export default function Page() {
  return (
    <Suspense fallback={<DeploymentSkeleton />}>
      <DeploymentPage />
    </Suspense>
  );
}
