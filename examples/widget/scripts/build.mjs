// Builds what the package ships: ES modules that share chunks, a UMD file of the React widget,
// one file with the custom element for a script tag, and the style sheet.
import { build } from 'vite';
import { rm } from 'node:fs/promises';

const react = ['react', 'react-dom', 'react/jsx-runtime'];
const globals = { react: 'React', 'react-dom': 'ReactDOM', 'react/jsx-runtime': 'ReactJSXRuntime' };
const shared = { configFile: false, logLevel: 'warn', esbuild: { jsx: 'automatic', legalComments: 'none' } };
const base = { outDir: 'dist', emptyOutDir: false, target: 'es2022', minify: 'esbuild', sourcemap: false };

// Frameworks with server components need to be told that the widget has state.
const clientOnly = (chunk) => (chunk.name === 'index' ? "'use client';" : '');

await rm('dist', { recursive: true, force: true });

await build({
  ...shared,
  build: {
    ...base,
    lib: { entry: { index: 'src/index.ts', core: 'src/core.ts', element: 'src/element.ts' }, formats: ['es'], cssFileName: 'style' },
    rollupOptions: { external: react, output: { chunkFileNames: 'shared-[name].js', banner: clientOnly } },
  },
});

// A classic script has window.React, which has no jsx-runtime: elements are made by createElement.
await build({
  ...shared,
  esbuild: { jsx: 'transform', jsxInject: "import * as React from 'react'", legalComments: 'none' },
  build: {
    ...base,
    lib: { entry: 'src/index.ts', formats: ['umd'], name: 'RecsysLiteWidget', fileName: () => 'recsys-lite-widget.umd.cjs', cssFileName: 'style' },
    rollupOptions: { external: react, output: { globals } },
  },
});

await build({
  ...shared,
  build: {
    ...base,
    lib: { entry: 'src/element/index.ts', formats: ['es'], fileName: () => 'recsys-carousel.js' },
    rollupOptions: { output: { inlineDynamicImports: true } },
  },
});
