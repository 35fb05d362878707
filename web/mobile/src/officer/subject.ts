import type { IconName } from '@liangzheng/ui'

const ICONS: Readonly<Record<string, IconName>> = {
  coach: 'coach',
  freight_vehicle: 'freight',
  guide: 'guide',
  entertainment_venue: 'venue',
}

/** The picture of an inspection subject; an unknown kind gets a neutral one. */
export function subjectIcon(kind: string): IconName {
  return ICONS[kind] ?? 'document'
}
