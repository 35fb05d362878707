/**
 * Opens the app without signal: its files of one build, all or none. Data never passes through here: what the API, the trust folder and the
 * public badge page say is not kept. A new build waits until the old pages are closed, so that no page loses the files it was made with.
 */
declare const self: ServiceWorkerGlobalScope

interface Shell {
  readonly version: string
  readonly files: readonly string[]
}

const SHELL = JSON.parse('__SHELL__') as Shell
const CACHE = `shell-${SHELL.version}`
const PAGE = '/'
const PATIENCE_MS = 3000
const NOT_OURS = /^\/(?:api|b|check|r|rate|notice|forms|trust|static|health)(?:\/|$)/

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell())
})
self.addEventListener('activate', (event) => {
  event.waitUntil(dropOthers())
})
self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || NOT_OURS.test(url.pathname)) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (SHELL.files.includes(url.pathname)) event.respondWith(file(request))
})

async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll([PAGE, ...SHELL.files].map((path) => new Request(path, { cache: 'reload' })))
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith('shell-') && name !== CACHE).map((name) => caches.delete(name)))
  await self.clients.claim()
}

/** The server's page, or after three seconds without it the kept one. */
async function page(request: Request): Promise<Response> {
  const kept = async (): Promise<Response> => (await caches.match(PAGE, { cacheName: CACHE })) ?? Response.error()
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) })
    // A gateway's error page on a bad line is no app.
    return answer.status >= 500 ? await kept() : answer
  } catch {
    return kept()
  }
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE, ignoreVary: true })) ?? fetch(request)
}

// Makes this file a module of its own, so that `self` can be told to be a service worker.
export {}
