/** What came of a request. */
export const enum Status {
  Ok = 0,
  DeadEndpoint = -1,
  Denied = -2,
  Deadlock = -3,
  Fault = -4,
  NoSuchCall = -5,
  DeviceError = -6,
}
