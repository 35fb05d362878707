/** 通行密钥: asks the browser for a passkey. The private key never comes here. */
import { fromBase64url, toBase64url } from '@liangzheng/core'

import { ApiError } from '../api/problem'
import type { NewPasskey, PasskeyAsked, UsedPasskey } from '../api/security-types'

const ES256 = -7
const WAIT_MS = 120_000

/** A passkey is bound to a host name; on a bare IP address there is none. */
export function canUsePasskeys(host = location.hostname): boolean {
  return 'PublicKeyCredential' in window && !/^[\d.]+$|:/.test(host)
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(fromBase64url(text))
const text = (data: ArrayBuffer): string => toBase64url(new Uint8Array(data))

export async function makePasskey(asked: PasskeyAsked, label: string): Promise<NewPasskey> {
  const made = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytes(asked.challenge),
        rp: { id: asked.relying_party, name: asked.relying_party },
        user: { id: bytes(asked.account), name: asked.username, displayName: asked.username },
        pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        excludeCredentials: asked.known.map((id) => ({ type: 'public-key', id: bytes(id) })),
        attestation: 'none',
        timeout: WAIT_MS,
      },
    }),
  )
  const response = made.response as AuthenticatorAttestationResponse
  return { client_data: text(response.clientDataJSON), attestation: text(response.attestationObject), label }
}

export async function showPasskey(asked: PasskeyAsked): Promise<UsedPasskey> {
  const used = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: bytes(asked.challenge),
        rpId: asked.relying_party,
        allowCredentials: asked.known.map((id) => ({ type: 'public-key', id: bytes(id) })),
        userVerification: 'required',
        timeout: WAIT_MS,
      },
    }),
  )
  const response = used.response as AuthenticatorAssertionResponse
  return {
    credential_id: text(used.rawId),
    client_data: text(response.clientDataJSON),
    authenticator_data: text(response.authenticatorData),
    signature: text(response.signature),
  }
}

/** The person closed the browser's question, or the passkey is not there: said like any refusal. */
async function ask(question: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const answer = await question()
    if (answer !== null) return answer as PublicKeyCredential
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
  }
  throw new ApiError('passkey_cancelled', 403)
}
