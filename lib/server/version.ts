/** Version of this build, as package.json states it. */
export const HEADRACE_VERSION = "0.1.0"
