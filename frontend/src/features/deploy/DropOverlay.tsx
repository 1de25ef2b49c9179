import { FolderDown } from "lucide-react";

export function DropOverlay() {
  return (
    <div className="pointer-events-none fixed inset-0 z-40 bg-canvas/80 p-4">
      <div className="grid size-full place-items-center rounded-xl border-2 border-accent border-dashed bg-accent-soft/70">
        <p className="flex items-center gap-3 font-semibold text-xl">
          <FolderDown aria-hidden className="size-7 text-accent-text" />
          Drop to deploy
        </p>
      </div>
    </div>
  );
}
