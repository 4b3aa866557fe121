/**
 * The real-time clock, a Google Goldfish: offsets from `Base.RealTimeClock`; nanoseconds since 1970, read low half
 * first.
 */
export const enum RealTimeClock {
  TimeLow = 0x00,
  TimeHigh = 0x04,
  AlarmLow = 0x08,
  AlarmHigh = 0x0c,
  InterruptEnabled = 0x10,
  ClearAlarm = 0x14,
  AlarmStatus = 0x18,
  ClearInterrupt = 0x1c,
}
