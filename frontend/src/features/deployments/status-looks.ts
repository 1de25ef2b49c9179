import {
  CircleArrowUp,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  CircleX,
  LoaderCircle,
  type LucideIcon,
} from "lucide-react";
import type { DeploymentStatus } from "@/api/types";

export interface StatusLook {
  label: string;
  icon: LucideIcon;
  text: string;
  turns: boolean;
}

/** Each state has a word, a shape and a colour, so that none of them alone has to tell. */
export const STATUS_LOOKS: Record<DeploymentStatus, StatusLook> = {
  uploading: { label: "Uploading", icon: CircleArrowUp, text: "text-accent-text", turns: false },
  uploaded: { label: "Uploaded", icon: CircleDashed, text: "text-muted", turns: false },
  building: { label: "Building", icon: LoaderCircle, text: "text-warning-text", turns: true },
  deployed: { label: "Deployed", icon: CircleCheck, text: "text-success-text", turns: false },
  failed: { label: "Failed", icon: CircleX, text: "text-error-text", turns: false },
  cancelled: { label: "Cancelled", icon: CircleSlash, text: "text-muted", turns: false },
};
