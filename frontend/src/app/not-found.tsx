import { MapPinOff } from "lucide-react";
import Link from "next/link";
import { buttonClass } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";

export default function NotFound() {
  return (
    <EmptyState
      icon={MapPinOff}
      title="There is no such page"
      action={
        <Link href="/deployments/" className={buttonClass()}>
          All deployments
        </Link>
      }
    >
      The address may be mistyped, or from another version of the dashboard.
    </EmptyState>
  );
}
