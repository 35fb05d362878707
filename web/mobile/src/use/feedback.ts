import { useSettings } from '../stores/settings'

type Verdict = 'ok' | 'warn' | 'bad'

const BUZZ: Readonly<Record<Verdict, number[]>> = { ok: [80], warn: [80, 80, 80], bad: [200, 100, 200] }
/** Hertz, one after the other: up for good, level for unsure, down for bad. */
const TONES: Readonly<Record<Verdict, readonly number[]>> = { ok: [880, 1175], warn: [740, 740], bad: [392, 262] }
const TONE_SECONDS = 0.12
const LOUDNESS = 0.2

let audio: AudioContext | null = null

/** Tells the outcome through the hand, and through the ear where the person wants it. Silent where the phone cannot or must not. */
export function tell(verdict: Verdict): void {
  if ('vibrate' in navigator) navigator.vibrate(BUZZ[verdict])
  if (useSettings().sound === 'on' && 'AudioContext' in window) chime(verdict)
}

function chime(verdict: Verdict): void {
  audio ??= new AudioContext()
  const from = audio.currentTime
  const gain = audio.createGain()
  gain.gain.value = LOUDNESS
  gain.connect(audio.destination)
  for (const [place, hertz] of TONES[verdict].entries()) {
    const tone = audio.createOscillator()
    tone.frequency.value = hertz
    tone.connect(gain)
    tone.start(from + place * TONE_SECONDS)
    tone.stop(from + (place + 1) * TONE_SECONDS)
  }
}
