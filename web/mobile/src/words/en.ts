import { holder } from './en/holder'
import { officer } from './en/officer'
import { offline } from './en/offline'
import { record } from './en/record'
import { scan } from './en/scan'
import { shell } from './en/shell'
import type { Words } from './zh'

export const en: Words = { ...shell, ...officer, ...scan, ...record, ...holder, ...offline }
