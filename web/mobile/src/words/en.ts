import { delegations } from './en/delegations'
import { devices } from './en/devices'
import { holder } from './en/holder'
import { officer } from './en/officer'
import { offline } from './en/offline'
import { record } from './en/record'
import { scan } from './en/scan'
import { shell } from './en/shell'
import { training } from './en/training'
import type { Words } from './zh'

export const en: Words = { ...shell, ...officer, ...scan, ...record, ...holder, ...offline, ...training, ...devices, ...delegations }
