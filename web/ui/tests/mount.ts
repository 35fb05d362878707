import { createApp, h, nextTick, type App, type Component } from 'vue'

export interface Mounted {
  root: HTMLElement
  app: App
}

/** Mounts one component into the page; `slots` gives the text of the default slot. */
export async function mount(component: Component, props: Record<string, unknown> = {}, slot = ''): Promise<Mounted> {
  const root = document.createElement('div')
  document.body.append(root)
  const app = createApp({ render: () => h(component, props, { default: () => slot }) })
  app.mount(root)
  await nextTick()
  return { root, app }
}
