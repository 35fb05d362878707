/** Carries the queue's events to the server. */
import { toBase64url } from '@liangzheng/core'

import { sendQueue } from '../api/routes'
import type { UploadAnswer } from './queue'

export const sendEvents = (device: string, events: readonly Uint8Array[]): Promise<UploadAnswer> => sendQueue(device, events.map(toBase64url))
