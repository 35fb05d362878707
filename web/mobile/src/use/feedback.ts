/** Tells the outcome through the hand as well. Silent where the phone cannot or must not. */
export function buzz(tone: 'ok' | 'warn' | 'bad'): void {
  const pattern = { ok: [80], warn: [80, 80, 80], bad: [200, 100, 200] }[tone]
  if ('vibrate' in navigator) navigator.vibrate(pattern)
}
