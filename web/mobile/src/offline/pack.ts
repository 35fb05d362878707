/**
 * 离线数据包 on this phone: fetched part by part, whole or as a delta, verified with the pinned key each time it is opened, never replaced by an
 * older one. Its parts are public; the key they are judged by is sealed.
 */
import { applyDelta, assemblePack, type FieldPack, type Manifest, MalformedPack, readManifest, toHex, unpackPart } from '@liangzheng/core'

import { readPack, readPackPart } from '../api/routes'
import { pinnedPackKey } from './device'
import { openVault, type Vault } from './vault'

const MANIFEST = 'manifest'

let opened: { readonly manifest: Manifest; readonly pack: FieldPack } | null = null

/** The pack of this phone; null when there is none, or none that the pinned key signed. */
export async function packHere(): Promise<FieldPack | null> {
  if (opened !== null) return opened.pack
  const key = await pinnedPackKey()
  const vault = await openVault()
  const kept = await vault.get('parts', MANIFEST)
  if (key === null || kept === undefined) return null
  try {
    const manifest = readManifest(kept, key)
    opened = { manifest, pack: assemblePack(manifest, partsIn(await partsOf(vault, manifest))) }
    return opened.pack
  } catch (error) {
    if (!(error instanceof MalformedPack)) throw error
    return null
  }
}

/** Fetches what is new. Throws MalformedPack for one that is forged or older, and keeps what is here. */
export async function refreshPack(): Promise<FieldPack> {
  await packHere()
  const key = await pinnedPackKey()
  if (key === null) throw new MalformedPack('no pinned key')
  const { data } = await readPack()
  const manifest = readManifest(data, key, opened?.manifest.number ?? 0)
  const vault = await openVault()
  const parts = new Map<string, Uint8Array>()
  for (const part of manifest.parts) {
    const digest = toHex(part.digest)
    parts.set(digest, (await vault.get('parts', digest)) ?? (await fetchPart(vault, part.name, digest, part.digest)))
  }
  const pack = assemblePack(manifest, partsIn(parts))
  await keep(vault, data, parts)
  opened = { manifest, pack }
  return pack
}

async function fetchPart(vault: Vault, name: string, digest: string, expected: Uint8Array): Promise<Uint8Array> {
  const before = opened?.manifest.parts.find((part) => part.name === name)
  const since = before === undefined ? '' : toHex(before.digest)
  const old = since === '' ? undefined : await vault.get('parts', since)
  const { data, headers } = await readPackPart(digest, old === undefined ? '' : since)
  const isDelta = headers.get('X-Pack-Encoding') === 'delta' && old !== undefined
  return isDelta ? applyDelta(old, data, expected) : unpackPart(data, expected)
}

/** All or nothing: a closed tab leaves the older pack whole. */
async function keep(vault: Vault, manifest: Uint8Array, parts: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const transaction = vault.transaction('parts', 'readwrite')
  for (const name of await transaction.store.getAllKeys()) if (!parts.has(name)) await transaction.store.delete(name)
  for (const [digest, data] of parts) await transaction.store.put(data.slice(), digest)
  await transaction.store.put(manifest.slice(), MANIFEST)
  await transaction.done
}

async function partsOf(vault: Vault, manifest: Manifest): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  for (const { digest } of manifest.parts) {
    const data = await vault.get('parts', toHex(digest))
    if (data !== undefined) found.set(toHex(digest), data)
  }
  return found
}

const partsIn =
  (parts: ReadonlyMap<string, Uint8Array>) =>
  (digest: string): Uint8Array | undefined =>
    parts.get(digest)

/** After the vault was wiped. */
export function forgetPack(): void {
  opened = null
}
