/** The page: index.html and hashed assets, each script also compressed, since the gateway compresses nothing itself. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

function compressed(): Plugin {
  let directory = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved({ root, build }) {
      directory = join(root, build.outDir, "assets");
    },
    closeBundle() {
      for (const name of readdirSync(directory)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const bytes = readFileSync(join(directory, name));
        writeFileSync(join(directory, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        writeFileSync(join(directory, `${name}.br`), brotliCompressSync(bytes));
      }
    },
  };
}

// A shell or a test runner that sets another value would get React as it is while it is developed.
process.env.NODE_ENV = "production";

export default defineConfig({
  base: "/page/",
  plugins: [compressed()],
  build: {
    target: "es2022",
    // The policy allows no inline content, so that nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onwarn(warning, warn) {
        // "use client" means nothing here, where everything is for the browser.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
});
