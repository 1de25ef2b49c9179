import type { Metadata } from "next";
import { DeploymentList } from "@/features/deployments/DeploymentList";

export const metadata: Metadata = { title: "Deployments" };

export default function Page() {
  return <DeploymentList />;
}
