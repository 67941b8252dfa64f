const isDevelopment = process.env.NODE_ENV === "development"

/**
 * Nothing comes from another origin. Scripts may be inline because Next puts its page data there and a nonce would make
 * every page dynamic; what protects us is that text from people and data is rendered as text (ui.md) and that nothing
 * can be sent elsewhere.
 */
const contentSecurityPolicy = {
  "default-src": "'self'",
  "script-src": `'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ""}`,
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data: blob:",
  "font-src": "'self' data:",
  "connect-src": isDevelopment ? "'self' ws:" : "'self'",
  "worker-src": "'self' blob:",
  "object-src": "'none'",
  "base-uri": "'self'",
  "form-action": "'self'",
  "frame-ancestors": "'none'",
}

/** @type {import("next").NextConfig} */
export default {
  poweredByHeader: false,
  // Lets a second server run from the same folder, each with an output of its own.
  distDir: process.env.HEADRACE_DIST_DIR ?? ".next",
  turbopack: { root: import.meta.dirname },
  // Drivers that load files of their own beside them, which a bundle would not hold.
  serverExternalPackages: ["pg", "pg-boss", "pg-copy-streams", "pino", "@prisma/client", "@prisma/adapter-pg"],
  // Types are checked by `npm test`, with the TypeScript that Next cannot call (7 has no JavaScript API).
  typescript: { ignoreBuildErrors: true },
  async headers() {
    return [
      {
        source: "/:path*",
        headers: [
          {
            key: "Content-Security-Policy",
            value: Object.entries(contentSecurityPolicy)
              .map((directive) => directive.join(" "))
              .join("; "),
          },
          { key: "X-Content-Type-Options", value: "nosniff" },
          { key: "X-Frame-Options", value: "DENY" },
          { key: "Referrer-Policy", value: "same-origin" },
          { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=()" },
          { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
        ],
      },
    ]
  },
}
