import type { NextConfig } from "next";

/** A static export: every page is a file that upload-service (or any file server) can serve. */
const config: NextConfig = {
  output: "export",
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  images: { unoptimized: true },
};

export default config;
