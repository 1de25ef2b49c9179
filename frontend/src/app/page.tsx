import type { Metadata } from "next";
import { PageHeader } from "@/components/PageHeader";
import { DeployPage } from "@/features/deploy/DeployPage";

export const metadata: Metadata = { title: "Deploy" };

export default function Page() {
  return (
    <>
      <PageHeader title="Deploy a site">
        Give it a repository or a folder. It is built in a locked-down container and served at an address of
        its own.
      </PageHeader>
      <DeployPage />
    </>
  );
}
