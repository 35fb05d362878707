import { fileURLToPath, URL } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

import { shellList } from '../shell'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** Vant's style sheets bring an icon font with a plain-http address, which the content security policy blocks; the app draws its own icons. */
function withoutIconFont(): Plugin {
  return {
    name: 'without-icon-font',
    enforce: 'pre',
    transform(code, id) {
      return /vant\/.*\.css/.test(id) ? { code: code.replace(/@font-face\s*\{[^}]*\}/g, ''), map: null } : null
    },
  }
}

const backEnd = process.env.LIANGZHENG_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue(), withoutIconFont(), shellList(path('../public-static'))],
  publicDir: path('../public-static'),
  resolve: { alias: { '@reasons': path('../../liangzheng/verification/reasons.json') } },
  define: { __VUE_I18N_FULL_INSTALL__: 'false', __VUE_I18N_LEGACY_API__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false', __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    target: 'es2022',
    // Nothing inlined: data addresses would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: path('index.html'), sw: path('sw/sw.ts') },
      output: {
        // The worker's reach is its folder, so it lies at the root under its plain name.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules\/(vue|@vue|vue-router|pinia|vue-i18n|@intlify)\// },
            { name: 'ui', test: /web\/ui\/src\/|node_modules\/uqr\// },
            { name: 'words', test: /reasons\.json|web\/mobile\/src\/words\/zh/ },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': backEnd, '/b': backEnd } },
})
