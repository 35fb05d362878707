import { fileURLToPath, URL } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@reasons': fileURLToPath(new URL('../liangzheng/verification/reasons.json', import.meta.url)) } },
  test: { include: ['*/tests/**/*.test.ts'], environment: 'node' },
})
