import { delegations } from './zh/delegations'
import { devices } from './zh/devices'
import { holder } from './zh/holder'
import { officer } from './zh/officer'
import { offline } from './zh/offline'
import { record } from './zh/record'
import { rights } from './zh/rights'
import { scan } from './zh/scan'
import { security } from './zh/security'
import { shell } from './zh/shell'
import { supervise } from './zh/supervise'
import { training } from './zh/training'

export const zh = { ...shell, ...security, ...officer, ...scan, ...record, ...holder, ...offline, ...training, ...devices, ...delegations, ...rights, ...supervise }

/** The same keys with any text: a missing or surplus English word is a compile error. */
type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> }
export type Words = Shape<typeof zh>
