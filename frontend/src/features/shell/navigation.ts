import { Layers, type LucideIcon, Rocket, Settings2 } from "lucide-react";

export interface Place {
  href: string;
  label: string;
  icon: LucideIcon;
}

/** Only what exists. Projects, sandboxes, nodes and people get their line when they are there. */
export const PLACES: readonly Place[] = [
  { href: "/", label: "Deploy", icon: Rocket },
  { href: "/deployments/", label: "Deployments", icon: Layers },
  { href: "/settings/", label: "Settings", icon: Settings2 },
];

export function isCurrent(place: Place, path: string): boolean {
  return place.href === "/" ? path === "/" : path.startsWith(place.href.replace(/\/$/, ""));
}
