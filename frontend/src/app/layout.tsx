import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { SessionGate } from "@/features/session/SessionGate";
import { AppShell } from "@/features/shell/AppShell";
import { Providers } from "@/features/shell/Providers";
import { THEME_SCRIPT } from "@/features/shell/theme";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "shipstack", template: "%s · shipstack" },
  description: "Deploy sites from a repository or a folder.",
  icons: { icon: "/icon.svg" },
  robots: { index: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: dark)", color: "#0a0a0f" },
    { media: "(prefers-color-scheme: light)", color: "#fafafc" },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours; it has to run before the first paint. */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>
        <Providers>
          <SessionGate>
            <AppShell>{children}</AppShell>
          </SessionGate>
        </Providers>
      </body>
    </html>
  );
}
