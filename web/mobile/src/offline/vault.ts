/**
 * What this phone keeps between signals, in IndexedDB. Whatever is personal is sealed with an AES-GCM key that no script can read out;
 * the trust material of the field pack is public and lies open. Without a secure context there is no key store, and nothing is kept.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly data: Uint8Array<ArrayBuffer>
}

export type EventState = 'waiting' | 'applied' | 'quarantined' | 'refused'

/** One event of the queue. What the server said of it stands in the open: codes and keys, no names. */
export interface QueuedEvent {
  readonly counter: number
  readonly at: number
  readonly kind: string
  readonly act: string
  readonly sealed: Sealed
  /** SHA-256 of the event, as hex: what the next one is chained to. */
  readonly digest: string
  state: EventState
  reason: string
  scan: string
  finding: string
  /** When the server acknowledged it, in milliseconds; 0 before. */
  settledAt: number
}

interface Schema extends DBSchema {
  keys: { key: string; value: CryptoKey | CryptoKeyPair }
  facts: { key: string; value: Sealed }
  events: { key: number; value: QueuedEvent; indexes: { state: EventState } }
  parts: { key: string; value: Uint8Array<ArrayBuffer> }
  seen: { key: string; value: number }
}

export type Vault = IDBPDatabase<Schema>
const NAME = 'liangzheng'
const SEAL_KEY = 'seal'
const DEVICE_KEY = 'device'

/** No secure context, or a browser without a key store: the app then works with signal only. */
export class NoVault extends Error {
  override readonly name = 'NoVault'
}

let opened: Promise<Vault> | null = null

export function openVault(): Promise<Vault> {
  if (!('subtle' in crypto) || !('indexedDB' in globalThis)) return Promise.reject(new NoVault())
  opened ??= openDB<Schema>(NAME, 1, {
    upgrade(vault) {
      vault.createObjectStore('keys')
      vault.createObjectStore('facts')
      vault.createObjectStore('events', { keyPath: 'counter' }).createIndex('state', 'state')
      vault.createObjectStore('parts')
      vault.createObjectStore('seen')
    },
    blocking: () => void closeVault(),
    terminated: () => (opened = null),
  })
  return opened
}

export async function closeVault(): Promise<void> {
  const vault = await opened
  opened = null
  vault?.close()
}

async function sealKey(vault: Vault): Promise<CryptoKey> {
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  return (await keepFirst(vault, SEAL_KEY, made)) as CryptoKey
}

/** Two tabs may make a key at the same time; the first one written stays. */
async function keepFirst(vault: Vault, name: string, made: CryptoKey | CryptoKeyPair): Promise<CryptoKey | CryptoKeyPair> {
  const transaction = vault.transaction('keys', 'readwrite')
  const present = await transaction.store.get(name)
  if (present === undefined) await transaction.store.put(made, name)
  await transaction.done
  return present ?? made
}

async function keyNamed(vault: Vault, name: string): Promise<CryptoKey> {
  const present = await vault.get('keys', name)
  return present instanceof CryptoKey ? present : sealKey(vault)
}

/** `name` stands under the seal: a value cannot be passed off as another one. */
export async function seal(vault: Vault, name: string, plain: Uint8Array): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const key = await keyNamed(vault, SEAL_KEY)
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) }, key, plain.slice())
  return { iv, data: new Uint8Array(data) }
}

/** Null when it was changed, or sealed under another name or key. */
export async function unseal(vault: Vault, name: string, sealed: Sealed): Promise<Uint8Array | null> {
  const key = await keyNamed(vault, SEAL_KEY)
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv, additionalData: new TextEncoder().encode(name) }, key, sealed.data))
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return null
    throw error
  }
}

export async function keepFact(name: string, value: unknown): Promise<void> {
  const vault = await openVault()
  await vault.put('facts', await seal(vault, name, new TextEncoder().encode(JSON.stringify(value))), name)
}

/** The value as it was kept; the caller says what it is, because the seal shows that nobody else wrote it. */
export async function readFact(name: string): Promise<unknown> {
  const vault = await openVault()
  const sealed = await vault.get('facts', name)
  const plain = sealed === undefined ? null : await unseal(vault, name, sealed)
  return plain === null ? null : (JSON.parse(new TextDecoder().decode(plain)) as unknown)
}

export async function forgetFact(name: string): Promise<void> {
  await (await openVault()).delete('facts', name)
}

/** The device's signing key: ES256, because no browser's key store has SM2; it never leaves the store. */
export async function deviceKey(): Promise<CryptoKeyPair> {
  const vault = await openVault()
  const present = await vault.get('keys', DEVICE_KEY)
  if (present !== undefined && !(present instanceof CryptoKey)) return present
  const made = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  return (await keepFirst(vault, DEVICE_KEY, made)) as CryptoKeyPair
}

/** 65 bytes, `04 || x || y`. */
export async function devicePoint(): Promise<Uint8Array> {
  const { publicKey } = await deviceKey()
  return new Uint8Array(await crypto.subtle.exportKey('raw', publicKey))
}

/** 64 bytes, r || s. */
export async function signWithDevice(message: Uint8Array): Promise<Uint8Array> {
  const { privateKey } = await deviceKey()
  return new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, message.slice()))
}

/** Everything goes, keys too: a device that was revoked, or a person who wants it so. What was not uploaded is lost with it. */
export async function wipeVault(): Promise<void> {
  const vault = await openVault()
  const stores = ['keys', 'facts', 'events', 'parts', 'seen'] as const
  const transaction = vault.transaction(stores, 'readwrite')
  await Promise.all([...stores.map((store) => transaction.objectStore(store).clear()), transaction.done])
}
