/** Tells the service worker which files make up this build. They are named by content, so the list is the version. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

import type { Plugin } from 'vite'

const WORKER = 'sw.js'
const MARK = '__SHELL__'

export function shellList(publicFolder: string): Plugin {
  return {
    name: 'shell-list',
    generateBundle(_options, bundle) {
      const worker = bundle[WORKER]
      if (worker?.type !== 'chunk' || !worker.code.includes(MARK)) throw new Error('the service worker was not built')
      if (worker.imports.length > 0) throw new Error('the service worker must stand alone')
      const built = Object.keys(bundle).filter((name) => name !== WORKER && name !== 'index.html')
      const files = [...built, ...readdirSync(publicFolder)].sort()
      const digest = createHash('sha256').update(files.join('\n'))
      for (const name of readdirSync(publicFolder).sort()) digest.update(readFileSync(`${publicFolder}/${name}`))
      const page = bundle['index.html']
      if (page?.type === 'asset') digest.update(page.source)
      const shell = { version: digest.digest('hex').slice(0, 16), files: files.map((name) => `/${name}`) }
      worker.code = worker.code.replace(MARK, JSON.stringify(shell))
    },
  }
}
