/**
 * The serial port, a 16550A: byte registers, offsets from `Base.Uart` (National Semiconductor PC16550D data sheet,
 * table 2).
 */
export const enum Uart {
  /** Read: receiver buffer. Write: transmitter holding. With `LineControl.DivisorLatch`: divisor, low byte. */
  Data = 0,
  /** With `LineControl.DivisorLatch`: divisor, high byte. */
  InterruptEnable = 1,
  /** Read only. */
  InterruptIdentification = 2,
  /** Write only. */
  FifoControl = 2,
  LineControl = 3,
  ModemControl = 4,
  LineStatus = 5,
  ModemStatus = 6,
  Scratch = 7,
}

export const enum InterruptEnable {
  Received = 1 << 0,
  TransmitterEmpty = 1 << 1,
  LineStatus = 1 << 2,
  ModemStatus = 1 << 3,
}

/** What `InterruptIdentification` reads, in its low four bits. */
export const enum InterruptCause {
  None = 0x1,
  TransmitterEmpty = 0x2,
  Received = 0x4,
  LineStatus = 0x6,
  ReceiveTimeout = 0xc,
}

export const enum FifoControl {
  Enable = 1 << 0,
  ClearReceive = 1 << 1,
  ClearTransmit = 1 << 2,
}

export const enum LineControl {
  EightBits = 3,
  DivisorLatch = 1 << 7,
}

export const enum ModemControl {
  Loopback = 1 << 4,
}

export const enum LineStatus {
  DataReady = 1 << 0,
  Overrun = 1 << 1,
  TransmitterHoldingEmpty = 1 << 5,
  TransmitterEmpty = 1 << 6,
}

/** Bytes that each direction's FIFO holds. */
export const UART_FIFO_BYTES = 16;
