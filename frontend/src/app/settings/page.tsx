import type { Metadata } from "next";
import { PageHeader } from "@/components/PageHeader";
import { SettingsPage } from "@/features/settings/SettingsPage";

export const metadata: Metadata = { title: "Settings" };

export default function Page() {
  return (
    <>
      <PageHeader title="Settings">
        What this server is, what it can do, and whether it can do it now.
      </PageHeader>
      <SettingsPage />
    </>
  );
}
