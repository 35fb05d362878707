import { delegations } from './zh/delegations'
import { devices } from './zh/devices'
import { holder } from './zh/holder'
import { officer } from './zh/officer'
import { offline } from './zh/offline'
import { record } from './zh/record'
import { scan } from './zh/scan'
import { shell } from './zh/shell'
import { training } from './zh/training'

export const zh = { ...shell, ...officer, ...scan, ...record, ...holder, ...offline, ...training, ...devices, ...delegations }

/** The same keys with any text: a missing or surplus English word is a compile error. */
type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> }
export type Words = Shape<typeof zh>
